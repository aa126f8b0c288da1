package main

import "fmt"

// many writes a number with the thing counted: "1 slot", "2 slots".
func many[N int | int32 | int64](n N, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

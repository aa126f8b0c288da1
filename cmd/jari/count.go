package main

import "fmt"

// verb is the form of a word that agrees with a number.
func verb[N int | int32 | int64](n N, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// many writes a number with the thing counted: "1 slot", "2 slots".
func many[N int | int32 | int64](n N, one, more string) string {
	return fmt.Sprintf("%d %s", n, verb(n, one, more))
}

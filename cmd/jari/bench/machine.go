package bench

import (
	"os"
	"strconv"
	"strings"
)

// Processor names the processor, as far as the system says it.
func Processor() string { return field("/proc/cpuinfo", "model name") }

// Kernel is the system's version.
func Kernel() string {
	b, _ := os.ReadFile("/proc/sys/kernel/osrelease") // not there: unknown
	return strings.TrimSpace(string(b))
}

// MemoryMiB is how much memory the machine has; 0 when the system does not say.
func MemoryMiB() int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	return n >> 10
}

// field is the first value of a name in a file of "name: value" lines; "unknown" when there is none.
func field(file, name string) string {
	b, _ := os.ReadFile(file)
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

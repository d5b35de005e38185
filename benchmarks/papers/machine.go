package main

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

var started = time.Now()

// memoryLimit is what the largest cluster has to get along with. The collector
// runs more often rather than go beyond it, and stays out of the way below.
const memoryLimit = 7 << 30

func limitMemory() { debug.SetMemoryLimit(memoryLimit) }

// peakMemory is the most that this process has held so far: what the system says
// where it does, or else what the runtime has asked of it.
func peakMemory() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		if after, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kib, err := strconv.ParseFloat(string(bytes.TrimSuffix(bytes.TrimSpace(after), []byte(" kB"))), 64)
			if err == nil {
				return kib * (1 << 10)
			}
		}
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return float64(mem.Sys)
}

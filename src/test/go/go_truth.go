// Holds maps, large slices and goroutines, and tells the runtime's own figures of itself. At each
// line of input it makes 1000 goroutines more that wait for ever, keeps 4 MiB more, and collects.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
)

var kept [][]byte
var table = map[int]*[64]byte{}

func forgotten(never chan int) { <-never }

func tell() {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	fmt.Printf("truth %d %d %d %d %d\n", s.HeapAlloc, s.HeapObjects, s.StackInuse, s.NumGC,
		runtime.NumGoroutine())
}

func main() {
	never := make(chan int)
	for i := 0; i < 100000; i++ {
		table[i] = &[64]byte{1}
	}
	in := bufio.NewScanner(os.Stdin)
	for {
		for i := 0; i < 4; i++ {
			block := make([]byte, 1<<20)
			for j := range block {
				block[j] = 1
			}
			kept = append(kept, block)
		}
		for i := 0; i < 1000; i++ {
			go forgotten(never)
		}
		runtime.GC()
		tell()
		if !in.Scan() {
			return
		}
	}
}

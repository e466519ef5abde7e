// Keeps sessions and small blocks, and tells who allocated them as the runtime's own profile has it.
package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
)

type session struct{ data [4000]byte }

var sessions = map[int]*session{}
var small [][]byte

func newSession() *session { return &session{} }

func keepSession(i int) { sessions[i] = newSession() }

func keepSmall() { small = append(small, make([]byte, 48)) }

// One line for each stack of main's own functions, estimated as runtime/pprof does it.
func tell() {
	records := make([]runtime.MemProfileRecord, 4096)
	n, _ := runtime.MemProfile(records, false)
	sums := map[string][2]float64{}
	for _, r := range records[:n] {
		if r.InUseObjects() == 0 {
			continue
		}
		size := float64(r.InUseBytes()) / float64(r.InUseObjects())
		scale := 1 / (1 - math.Exp(-size/float64(runtime.MemProfileRate)))
		names := []string{}
		frames := runtime.CallersFrames(r.Stack())
		for {
			frame, more := frames.Next()
			names = append(names, fmt.Sprintf("%s:%d", frame.Function, frame.Line))
			if !more {
				break
			}
		}
		key := strings.Join(names, "<")
		sum := sums[key]
		sums[key] = [2]float64{
			sum[0] + float64(r.InUseObjects())*scale, sum[1] + float64(r.InUseBytes())*scale}
	}
	for key, sum := range sums {
		fmt.Printf("site %s %.0f %.0f\n", key, sum[0], sum[1])
	}
	fmt.Println("told")
}

func main() {
	for i := 0; i < 20000; i++ {
		keepSession(i)
	}
	for i := 0; i < 1000000; i++ {
		keepSmall()
	}
	runtime.GC()
	runtime.GC()
	tell()
	bufio.NewScanner(os.Stdin).Scan()
}

// A watch server whose clients cancel, but whose goroutines wait on a channel for ever, about 400 a second; each holds
// its stack and a buffer. With an argument it ends them. Prints "ready"; ends with its standard input.
package main

import (
	"fmt"
	"os"
	"time"
)

type event struct{ body [512]byte }

func watch(cancel chan struct{}) chan event {
	out := make(chan event, 4)
	go func() {
		buf := make([]event, 2)
		out <- buf[0]
		for {
			select {
			case out <- buf[1]:
			case <-cancel:
				return
			}
		}
	}()
	return out
}

func main() {
	level := len(os.Args) > 1
	go func() {
		fmt.Println("ready")
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	var garbage [][]byte
	for {
		cancel := make(chan struct{})
		<-watch(cancel)
		if level {
			close(cancel)
		}
		garbage = append(garbage, make([]byte, 20000))
		if len(garbage) > 400 {
			garbage = garbage[:0] // So that collections run.
		}
		time.Sleep(2 * time.Millisecond)
	}
}

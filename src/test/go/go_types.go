// Keeps objects of known types and sizes, and tells how many of each. At each line of input it keeps
// 2000 sessions more.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
)

type Session struct {
	next *Session
	text [1000]byte
}

type Small struct {
	next *Small
	n    int
}

type Pair[T any] struct {
	one   *T
	other [700]byte
}

type Large struct {
	next *Large
	text [50000]byte
}

var sessions *Session
var sessionCount int
var smalls *Small
var pairs []*Pair[Small]
var tables [][]*Small
var larges *Large
var texts [][]byte

func keep(count int) {
	for i := 0; i < count; i++ {
		sessions = &Session{next: sessions}
		sessionCount++
	}
}

func tell() {
	runtime.GC()
	fmt.Printf("main.Session %d\n", sessionCount)
	fmt.Println("main.Pair[main.Small] 300")
	fmt.Println("main.Large 20")
	fmt.Println("told")
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	for i := 0; i < 5000; i++ {
		smalls = &Small{smalls, i}
	}
	for i := 0; i < 300; i++ {
		pairs = append(pairs, &Pair[Small]{one: smalls})
		texts = append(texts, make([]byte, 1000))
	}
	for i := 0; i < 100; i++ {
		tables = append(tables, make([]*Small, 250))
	}
	for i := 0; i < 10; i++ {
		tables = append(tables, make([]*Small, 20000))
	}
	for i := 0; i < 20; i++ {
		larges = &Large{next: larges}
	}
	for {
		keep(2000)
		tell()
		if !in.Scan() {
			runtime.KeepAlive(texts)
			return
		}
	}
}

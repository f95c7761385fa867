// map.go - Go's side of the comparison of maps: ordinary Go code. tests/bench/map.h says what a round is.
//
// Each line on standard input, "OPERATION STRINGS COUNT", is one round; the answer is "NANOSECONDS CHECK".

package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

const (
	operationsMin = 400000
	ordersMin     = 65000
	seed          = 0x5eed
	absent        = 1 << 30
)

const (
	getHit = iota
	getMiss
	update
	insert
	insertPresized
	remove
	iterate
)

func splitmix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func numberOf(index uint64) uint64 { return splitmix(seed + index) }

// textOf begins with eight digits that no other index has.
func textOf(index uint64) string {
	number := numberOf(index)
	text := fmt.Sprintf("%08x%016x", uint32(index)*0x9e3779b1, number)
	return text[:8+number%17]
}

func valueOf(index uint32) uint64 { return 3*uint64(index) + 1 }

// ordersOf makes permutations of 0 to count - 1, one after the other.
func ordersOf(count int) []uint32 {
	orders := make([]uint32, 0, ordersMin+count)
	draws := uint64(0)
	for len(orders) == 0 || len(orders)+count <= ordersMin {
		one := orders[len(orders) : len(orders)+count]
		for i := range one {
			one[i] = uint32(i)
		}
		for i := count - 1; i > 0; i-- {
			draws++
			j := splitmix(seed+draws) % uint64(i+1)
			one[i], one[j] = one[j], one[i]
		}
		orders = orders[:len(orders)+count]
	}
	return orders
}

// walk is the orders of one row and where it stands in them.
type walk struct {
	orders []uint32
	count  int
	passes int
}

func walkOf(count int) walk {
	return walk{ordersOf(count), count, (operationsMin + count - 1) / count}
}

func (w *walk) order(pass int) []uint32 {
	at := pass * w.count % len(w.orders)
	return w.orders[at : at+w.count]
}

// now is the processor time of this process, in nanoseconds.
func now() int64 {
	var time syscall.Timespec
	const processTime = 2
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, processTime, uintptr(unsafe.Pointer(&time)), 0)
	return time.Nano()
}

// timed runs a part of a round and adds what it took.
func timed(total *int64, part func()) {
	began := now()
	part()
	*total += now() - began
}

// A side does rounds of one kind of key.
type side interface {
	prepare(count int)
	round(operation int) (took int64, operations int, check uint64)
}

func main() {
	sides := []side{&numbers{}, &texts{}}
	collects := os.Getenv("GOGC") == "off"
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var operation, strings, count int
		if _, err := fmt.Sscan(lines.Text(), &operation, &strings, &count); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(65)
		}
		sides[strings].prepare(count)
		if collects { // between rounds, what the last one left
			runtime.GC()
		}
		took, operations, check := sides[strings].round(operation)
		fmt.Printf("%g %d\n", float64(took)/float64(operations), check)
	}
}

// One measurement of one of Go's maps, for `heddle bench`: the same keys, draws, threads and histogram as
// cli/bench/measure.c. Prints one JSON object.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/bits"
	"os"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	streamLength = 1 << 17
	streamWrite  = 1 << 31
	cells        = 59 * 64
)

// What both maps offer here. Each implementation is its own type, so that calls go through an interface as
// they go through a table of operations in C.
type subject interface {
	get(key uint64) (uint64, bool)
	put(key, value uint64)
	walk() int
}

type rwMutexMap struct {
	mutex   sync.RWMutex
	entries map[uint64]uint64
}

func (m *rwMutexMap) get(key uint64) (uint64, bool) {
	m.mutex.RLock()
	value, found := m.entries[key]
	m.mutex.RUnlock()
	return value, found
}

func (m *rwMutexMap) put(key, value uint64) {
	m.mutex.Lock()
	m.entries[key] = value
	m.mutex.Unlock()
}

func (m *rwMutexMap) walk() int {
	m.mutex.RLock()
	count := 0
	for range m.entries {
		count++
	}
	m.mutex.RUnlock()
	return count
}

type syncMap struct{ entries sync.Map }

func (m *syncMap) get(key uint64) (uint64, bool) {
	value, found := m.entries.Load(key)
	if !found {
		return 0, false
	}
	return value.(uint64), true
}

func (m *syncMap) put(key, value uint64) { m.entries.Store(key, value) }

func (m *syncMap) walk() int {
	count := 0
	m.entries.Range(func(any, any) bool { count++; return true })
	return count
}

// ---- the workload

func keyOf(number uint64) uint64 { return (number + 1) * 0x9e3779b97f4a7c15 }

func draw(state *uint64) uint64 {
	*state += 0x9e3779b97f4a7c15
	x := *state
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

func zipfSums(keys uint64) []float64 {
	sums := make([]float64, keys)
	sum := 0.0
	for rank := range sums {
		sum += math.Pow(float64(rank)+1, -0.99)
		sums[rank] = sum
	}
	return sums
}

func stream(keys uint64, sums []float64, thread int, writes uint64) []uint32 {
	draws := make([]uint32, streamLength)
	state := uint64(thread) + 1
	for at := range draws {
		share := float64(draw(&state)>>11) * 0x1p-53
		number := uint64(share * float64(keys))
		if sums != nil {
			wanted := share * sums[keys-1]
			number = uint64(sort.Search(int(keys)-1, func(rank int) bool { return sums[rank] > wanted }))
		}
		draws[at] = uint32(number)
		if (draw(&state)>>32)*100>>32 < writes {
			draws[at] |= streamWrite
		}
	}
	return draws
}

// ---- measuring

type histogram struct {
	most uint64
	cell [cells]uint64
}

func (h *histogram) count(value uint64) {
	index := value
	if value >= 64 {
		shift := uint64(bits.Len64(value)) - 7
		index = (shift+1)*64 + value>>shift - 64
	}
	h.cell[index]++
	if value > h.most {
		h.most = value
	}
}

var begin = time.Now()

func now() uint64 { return uint64(time.Since(begin)) }

func clockCost() uint64 {
	least := uint64(math.MaxUint64)
	for look := 0; look < 1000; look++ {
		before := now()
		if cost := now() - before; cost < least {
			least = cost
		}
	}
	return least
}

type trial struct {
	subject subject
	keys    uint64
	threads int
	cost    uint64
	stop    uint32
}

type runner struct {
	operations, wrong uint64
	latency           histogram
}

func (t *trial) timed(r *runner, operate func()) {
	before := now()
	operate()
	passed := now() - before
	if passed > t.cost {
		passed -= t.cost
	} else {
		passed = 0
	}
	r.latency.count(passed)
}

func (t *trial) operate(r *runner, draw uint32, value uint64) {
	key := keyOf(uint64(draw &^ streamWrite))
	if draw&streamWrite != 0 {
		t.subject.put(key, value)
	} else if _, found := t.subject.get(key); !found {
		r.wrong++
	}
}

func (t *trial) mix(r *runner, draws []uint32) {
	n := uint64(0)
	for ; n == 0 || n&63 != 0 || atomic.LoadUint32(&t.stop) == 0; n++ {
		draw := draws[n&(streamLength-1)]
		if n&15 != 0 {
			t.operate(r, draw, n)
		} else {
			t.timed(r, func() { t.operate(r, draw, n) })
		}
	}
	r.operations = n
}

func (t *trial) fill(r *runner, first int) {
	for n := uint64(first); n < t.keys; n += uint64(t.threads) {
		key := keyOf(n)
		t.timed(r, func() { t.subject.put(key, n) })
		t.timed(r, func() {
			if _, found := t.subject.get(key); !found {
				r.wrong++
			}
		})
		r.operations += 2
	}
}

func heapBytes() float64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

func newSubject(name string) subject {
	if name == "sync.Map" {
		return &syncMap{}
	}
	return &rwMutexMap{entries: make(map[uint64]uint64)}
}

func main() {
	name := flag.String("map", "sync.RWMutex", "sync.RWMutex or sync.Map")
	threads := flag.Int("threads", 1, "goroutines, and GOMAXPROCS")
	reads := flag.Int("reads", 100, "of a hundred operations; -1: fill")
	keys := flag.Uint64("keys", 1000, "")
	zipf := flag.Bool("zipf", false, "")
	seconds := flag.Float64("seconds", 1, "")
	flag.Parse()
	runtime.GOMAXPROCS(*threads + 1) // the main goroutine sleeps beside them

	var sums []float64
	if *zipf {
		sums = zipfSums(*keys)
	}
	t := &trial{subject: newSubject(*name), keys: *keys, threads: *threads, cost: clockCost()}
	draws := make([][]uint32, *threads)
	runners := make([]*runner, *threads)
	for i := range runners {
		runners[i] = &runner{}
		if *reads >= 0 {
			draws[i] = stream(*keys, sums, i, uint64(100-*reads))
		}
	}
	bytes := 0.0
	if *reads >= 0 {
		before := heapBytes()
		for n := uint64(0); n < *keys; n++ {
			t.subject.put(keyOf(n), n)
		}
		if t.subject.walk() != int(*keys) {
			fmt.Fprintln(os.Stderr, "a key is lost")
			os.Exit(1)
		}
		bytes = (heapBytes() - before) / float64(*keys)
	}

	var done sync.WaitGroup
	open := make(chan struct{})
	for i := range runners {
		done.Add(1)
		go func(i int) {
			defer done.Done()
			<-open
			if *reads < 0 {
				t.fill(runners[i], i)
			} else {
				t.mix(runners[i], draws[i])
			}
		}(i)
	}
	before, busy := now(), cpuTime()
	close(open)
	if *reads >= 0 {
		time.Sleep(time.Duration(*seconds * 1e9))
		atomic.StoreUint32(&t.stop, 1)
	}
	elapsed := float64(now()-before) * 1e-9
	done.Wait()
	if *reads < 0 {
		elapsed = float64(now()-before) * 1e-9
	}
	report(runners, elapsed, cpuTime()-busy, bytes)
}

// The whole process: its collector works for the map.
func cpuTime() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

func report(runners []*runner, elapsed, cpu, bytes float64) {
	var sum histogram
	operations, wrong := uint64(0), uint64(0)
	for _, r := range runners {
		operations += r.operations
		wrong += r.wrong
		for index, count := range r.latency.cell {
			sum.cell[index] += count
		}
		if r.latency.most > sum.most {
			sum.most = r.latency.most
		}
	}
	seen := [][2]uint64{}
	for index, count := range sum.cell {
		if count > 0 {
			seen = append(seen, [2]uint64{uint64(index), count})
		}
	}
	if wrong != 0 {
		fmt.Fprintln(os.Stderr, "a lookup failed")
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"rate": float64(operations) / elapsed, "cpu": cpu / float64(operations), "bytes": bytes, "most": sum.most, "latency": seen,
	})
}

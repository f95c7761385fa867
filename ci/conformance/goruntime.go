// goruntime.go - the map of the Go runtime this program runs on, reached by the names that compiled
// code uses, and the random stream behind it.
//
// The layouts are those of Go 1.19 on amd64. checkRuntime refuses to go on where they are not: it looks
// at the version, at a map that ordinary code made, and at the draws of the runtime.

package main

import (
	"fmt"
	"math/bits"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"
)

const slots = 8

// Tophash values that are states.
const (
	emptyRest      = 0
	emptyOne       = 1
	evacuatedEmpty = 4
)

// Flags of a map.
const (
	flagWriting  = 4
	flagSameSize = 8
)

type typeHeader struct {
	size, ptrdata                  uintptr
	hash                           uint32
	tflag, align, fieldAlign, kind uint8
	equal                          func(a, b unsafe.Pointer) bool
	gcdata                         *byte
	str, ptrToThis                 int32
}

type mapType struct {
	typ               typeHeader
	key, elem, bucket *typeHeader
	hasher            func(key unsafe.Pointer, seed uintptr) uintptr
	keySize, elemSize uint8
	bucketSize        uint16
	flags             uint32
}

// Behind the tophashes come the keys, the elements and the link to the overflow bucket.
type bucket struct {
	tophash [slots]uint8
}

// Flags of a type: what its slots hold is a pointer to the key or the element.
const (
	typeIndirectKey  = 1
	typeIndirectElem = 2
)

func (t *mapType) keyAt(b *bucket, slot int) unsafe.Pointer {
	place := unsafe.Add(unsafe.Pointer(b), slots+slot*int(t.keySize))
	if t.flags&typeIndirectKey != 0 {
		return *(*unsafe.Pointer)(place)
	}
	return place
}

func (t *mapType) elemAt(b *bucket, slot int) *uint64 {
	place := unsafe.Add(unsafe.Pointer(b), slots+slots*int(t.keySize)+slot*int(t.elemSize))
	if t.flags&typeIndirectElem != 0 {
		return *(**uint64)(place)
	}
	return (*uint64)(place)
}

func (t *mapType) overflowOf(b *bucket) *bucket {
	return *(**bucket)(unsafe.Add(unsafe.Pointer(b), int(t.bucketSize)-8))
}

func (t *mapType) bucketAt(table unsafe.Pointer, index uintptr) *bucket {
	return (*bucket)(unsafe.Add(table, index*uintptr(t.bucketSize)))
}

type mapHeader struct {
	count      int
	flags      uint8
	log2       uint8
	noverflow  uint16
	hash0      uint32
	buckets    unsafe.Pointer
	oldbuckets unsafe.Pointer
	nevacuate  uintptr
	extra      *mapExtra
}

type mapExtra struct {
	overflow, oldOverflow *[]*bucket
	nextOverflow          *bucket
}

type mapIterator struct {
	key                   unsafe.Pointer
	elem                  *uint64
	t                     *mapType
	h                     *mapHeader
	buckets               unsafe.Pointer
	current               *bucket
	overflow, oldOverflow *[]*bucket
	startBucket           uintptr
	offset                uint8
	wrapped               bool
	log2                  uint8
	slot                  uint8
	bucket                uintptr
	checkBucket           uintptr
}

//go:linkname makemap runtime.makemap
func makemap(t *mapType, hint int, h *mapHeader) *mapHeader

//go:linkname mapaccess2 runtime.mapaccess2
func mapaccess2(t *mapType, h *mapHeader, key unsafe.Pointer) (*uint64, bool)

//go:linkname mapaccess2_fast32 runtime.mapaccess2_fast32
func mapaccess2_fast32(t *mapType, h *mapHeader, key uint32) (*uint64, bool)

//go:linkname mapaccess2_fast64 runtime.mapaccess2_fast64
func mapaccess2_fast64(t *mapType, h *mapHeader, key uint64) (*uint64, bool)

//go:linkname mapaccess2_faststr runtime.mapaccess2_faststr
func mapaccess2_faststr(t *mapType, h *mapHeader, key string) (*uint64, bool)

//go:linkname mapassign runtime.mapassign
func mapassign(t *mapType, h *mapHeader, key unsafe.Pointer) *uint64

//go:linkname mapassign_fast32 runtime.mapassign_fast32
func mapassign_fast32(t *mapType, h *mapHeader, key uint32) *uint64

//go:linkname mapassign_fast64 runtime.mapassign_fast64
func mapassign_fast64(t *mapType, h *mapHeader, key uint64) *uint64

//go:linkname mapassign_faststr runtime.mapassign_faststr
func mapassign_faststr(t *mapType, h *mapHeader, key string) *uint64

//go:linkname mapdelete runtime.mapdelete
func mapdelete(t *mapType, h *mapHeader, key unsafe.Pointer)

//go:linkname mapdelete_fast32 runtime.mapdelete_fast32
func mapdelete_fast32(t *mapType, h *mapHeader, key uint32)

//go:linkname mapdelete_fast64 runtime.mapdelete_fast64
func mapdelete_fast64(t *mapType, h *mapHeader, key uint64)

//go:linkname mapdelete_faststr runtime.mapdelete_faststr
func mapdelete_faststr(t *mapType, h *mapHeader, key string)

//go:linkname mapclear runtime.mapclear
func mapclear(t *mapType, h *mapHeader)

//go:linkname mapiterinit runtime.mapiterinit
func mapiterinit(t *mapType, h *mapHeader, it *mapIterator)

//go:linkname mapiternext runtime.mapiternext
func mapiternext(it *mapIterator)

//go:linkname roundupsize runtime.roundupsize
func roundupsize(size uintptr) uintptr

//go:linkname fastrand runtime.fastrand
func fastrand() uint32

//go:linkname fastrand64 runtime.fastrand64
func fastrand64() uint64

// goroutine_amd64.s
func threadState() unsafe.Pointer

// ---- the random stream: wyrand, one state a thread

const randomStep = 0xa0761d6478bd642f

func randomValue(state uint64) uint64 {
	high, low := bits.Mul64(state, state^0xe7037ed1a0b428db)
	return high ^ low
}

// The fields of a thread's state up to the random one.
type threadHead struct {
	g0                                       uintptr
	morebuf                                  [7]uintptr
	divmod                                   [2]uint32
	procid                                   uint64
	gsignal                                  uintptr
	goSigStack                               [5]uintptr
	sigmask                                  [2]uint32
	tls                                      [6]uintptr
	mstartfn, curg, caughtsig, p, nextp, old uintptr
	id                                       int64
	mallocing, throwing                      int32
	preemptoff                               string
	locks, dying, profilehz                  int32
	spinning, blocked, newSigstack, printlk  uint8
	incgo                                    bool
	freeWait                                 uint32
	random                                   uint64
}

// threadRandom pins the goroutine to its thread and returns where that keeps its random state.
func threadRandom() *uint64 {
	runtime.LockOSThread()
	return &(*threadHead)(threadState()).random
}

// quietRuntime takes away what else would draw numbers in the middle of an operation: collections and
// the sampling of allocations. Garbage is collected between scripts.
func quietRuntime() {
	runtime.MemProfileRate = 0
	debug.SetGCPercent(-1)
}

// ---- types of maps

func splitmix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func mapTypeOf(value interface{}) *mapType {
	return (*[2]*mapType)(unsafe.Pointer(&value))[0]
}

// ---- is this the runtime that the layouts are of?

func checkRuntime() error {
	version := runtime.Version()
	if !strings.HasPrefix(version, "go1.19") || runtime.GOARCH != "amd64" {
		return fmt.Errorf("this program is for go1.19 on amd64, not %s on %s", version, runtime.GOARCH)
	}
	state := threadRandom()
	for i := uint64(1); i <= 3; i++ {
		*state = i << 40
		if draw := fastrand(); draw != uint32(randomValue(i<<40+randomStep)) {
			return fmt.Errorf("%s: the random state of a thread is not where it should be", version)
		}
	}
	t := kindOf("u64").t
	if t.keySize != 8 || t.elemSize != 8 || t.bucketSize != 144 || t.bucket.ptrdata != 0 {
		return fmt.Errorf("%s: the type of a map is not laid out as expected", version)
	}
	large := kindOf("large").t
	if large.keySize != 8 || large.elemSize != 8 || large.flags&3 != typeIndirectKey|typeIndirectElem {
		return fmt.Errorf("%s: the type of a map with large keys is not laid out as expected", version)
	}
	ordinary := map[uint64]uint64{7: 9}
	h := *(**mapHeader)(unsafe.Pointer(&ordinary))
	first := (*bucket)(h.buckets)
	if h.count != 1 || *(*uint64)(t.keyAt(first, 0)) != 7 || *t.elemAt(first, 0) != 9 {
		return fmt.Errorf("%s: a map is not laid out as expected", version)
	}
	return nil
}

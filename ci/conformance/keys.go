// keys.go - the kinds of keys that a script may ask for: how a number names a key, and back.
//
// They are those of mapimpl/gomap/trace_keys.c. Each comes with the entries of the runtime that compiled
// code calls for its type; the generic ones do every type.

package main

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

type hashFunction func(key unsafe.Pointer, seed uintptr) uintptr

type keyKind struct {
	name   string
	t      *mapType
	mask   uint64 // the bits of a number that name a key
	number func(key unsafe.Pointer) uint64
	mix    hashFunction // nil: of the number

	access func(t *mapType, h *mapHeader, key unsafe.Pointer) (*uint64, bool)
	assign func(t *mapType, h *mapHeader, key unsafe.Pointer) *uint64
	delete func(t *mapType, h *mapHeader, key unsafe.Pointer)
}

const largeWords = 17 // more than fit into a slot

// A key of any kind.
type keySpace struct {
	u64   uint64
	u32   uint32
	text  string
	wide  [2]uint64
	large [largeWords]uint64
}

// named makes the key that a number names. The text of the last put is the same bytes at the same place as
// long as its number is asked for.
func (m *machine) named(number uint64, put bool) unsafe.Pointer {
	key := &m.key
	switch m.kind.name {
	case "u32":
		key.u32 = uint32(number)
		return unsafe.Pointer(&key.u32)
	case "string":
		if m.lastText == nil || textNumber(unsafe.Pointer(m.lastText)) != number {
			key.text = textOf(number)
			if put {
				kept := key.text
				m.lastText = &kept
			}
		} else {
			key.text = *m.lastText
		}
		return unsafe.Pointer(&key.text)
	case "wide":
		key.wide = [2]uint64{number >> 32, number & 0xffffffff}
		return unsafe.Pointer(&key.wide)
	case "large":
		key.large[largeWords-1] = number
		return unsafe.Pointer(&key.large)
	}
	key.u64 = number
	return unsafe.Pointer(&key.u64)
}

// ---- texts

// textOf: the bytes of the number, and for most numbers more of the highest one.
func textOf(number uint64) string {
	text := make([]byte, 48)
	binary.LittleEndian.PutUint64(text, number)
	for i := 8; i < len(text); i++ {
		text[i] = text[7]
	}
	switch number % 4 {
	case 1:
		return string(text[:31])
	case 2:
		return string(text[:32])
	case 3:
		return string(text[:33+number/4%16])
	}
	return string(text[:(bits.Len64(number)+7)/8])
}

// textNumber is 0 for a text that the map has forgotten: its length may still be there.
func textNumber(key unsafe.Pointer) (number uint64) {
	if *(*unsafe.Pointer)(key) == nil {
		return 0
	}
	text := *(*string)(key)
	for i := 0; i < len(text) && i < 8; i++ {
		number |= uint64(text[i]) << (8 * i)
	}
	return number
}

func multiply(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// textMix is gomap_hash_text_mixed of mapimpl/gomap/runtime.c.
func textMix(key unsafe.Pointer, seed uintptr) uintptr {
	const odd, even = 0xa0761d6478bd642f, 0xe7037ed1a0b428db
	text := []byte(*(*string)(key))
	length := len(text)
	word8 := func(at int) uint64 { return binary.LittleEndian.Uint64(text[at:]) }
	word4 := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(text[at:])) }
	var a, b uint64
	state := multiply(uint64(seed)^odd, even)
	switch {
	case length > 16:
		for at := 0; length-at > 16; at += 16 {
			state = multiply(word8(at)^even, word8(at+8)^state)
		}
		a, b = word8(length-16), word8(length-8)
	case length >= 4:
		middle := length / 8 * 4
		a = word4(0)<<32 | word4(middle)
		b = word4(length-4)<<32 | word4(length-4-middle)
	default:
		a = textNumber(key)
	}
	return uintptr(multiply(even^uint64(length), multiply(a^even, b^state)))
}

// ---- the other numbers, and the table

func numberMix(number, seed uint64) uint64 { return splitmix(number ^ seed*0x9e3779b97f4a7c15) }

func u64Number(key unsafe.Pointer) uint64 { return *(*uint64)(key) }

func u32Number(key unsafe.Pointer) uint64 { return uint64(*(*uint32)(key)) }

func wideNumber(key unsafe.Pointer) uint64 {
	half := (*[2]uint64)(key)
	return half[0]<<32 | half[1]
}

func largeNumber(key unsafe.Pointer) uint64 { return (*[largeWords]uint64)(key)[largeWords-1] }

// floatHashed is the number whose hash a floating-point key has: zeros have the same one, and what is not a
// number has another one each time.
func floatHashed(key unsafe.Pointer) uint64 {
	switch float := *(*float64)(key); {
	case float == 0:
		return 0
	case float != float:
		return fastrand64()
	}
	return u64Number(key)
}

const allBits = ^uint64(0)

var kinds = []keyKind{
	{"u64", mapTypeOf(map[uint64]uint64(nil)), allBits, u64Number, nil,
		func(t *mapType, h *mapHeader, key unsafe.Pointer) (*uint64, bool) {
			return mapaccess2_fast64(t, h, *(*uint64)(key))
		},
		func(t *mapType, h *mapHeader, key unsafe.Pointer) *uint64 {
			return mapassign_fast64(t, h, *(*uint64)(key))
		},
		func(t *mapType, h *mapHeader, key unsafe.Pointer) { mapdelete_fast64(t, h, *(*uint64)(key)) }},
	{"u32", mapTypeOf(map[uint32]uint64(nil)), 1<<32 - 1, u32Number, nil,
		func(t *mapType, h *mapHeader, key unsafe.Pointer) (*uint64, bool) {
			return mapaccess2_fast32(t, h, *(*uint32)(key))
		},
		func(t *mapType, h *mapHeader, key unsafe.Pointer) *uint64 {
			return mapassign_fast32(t, h, *(*uint32)(key))
		},
		func(t *mapType, h *mapHeader, key unsafe.Pointer) { mapdelete_fast32(t, h, *(*uint32)(key)) }},
	{"string", mapTypeOf(map[string]uint64(nil)), allBits, textNumber, textMix,
		func(t *mapType, h *mapHeader, key unsafe.Pointer) (*uint64, bool) {
			return mapaccess2_faststr(t, h, *(*string)(key))
		},
		func(t *mapType, h *mapHeader, key unsafe.Pointer) *uint64 {
			return mapassign_faststr(t, h, *(*string)(key))
		},
		func(t *mapType, h *mapHeader, key unsafe.Pointer) { mapdelete_faststr(t, h, *(*string)(key)) }},
	{"wide", mapTypeOf(map[[2]uint64]uint64(nil)), allBits, wideNumber, nil,
		mapaccess2, mapassign, mapdelete},
	{"large", mapTypeOf(map[[largeWords]uint64][largeWords]uint64(nil)), allBits, largeNumber, nil,
		mapaccess2, mapassign, mapdelete},
	{"float", mapTypeOf(map[float64]uint64(nil)), allBits, u64Number, nil,
		mapaccess2, mapassign, mapdelete},
}

func kindOf(name string) *keyKind {
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i]
		}
	}
	return nil
}

// hashed gives the number whose hash a key has.
func (kind *keyKind) hashed() func(key unsafe.Pointer) uint64 {
	if kind.name == "float" {
		return floatHashed
	}
	return kind.number
}

var hashModes = map[string]func(kind *keyKind) hashFunction{
	"mix": func(kind *keyKind) hashFunction {
		hashed := kind.hashed()
		if kind.mix != nil {
			return kind.mix
		}
		return func(key unsafe.Pointer, seed uintptr) uintptr {
			return uintptr(numberMix(hashed(key), uint64(seed)))
		}
	},
	"ident": func(kind *keyKind) hashFunction {
		hashed := kind.hashed()
		return func(key unsafe.Pointer, seed uintptr) uintptr { return uintptr(hashed(key)) ^ seed }
	},
	"const": func(kind *keyKind) hashFunction {
		hashed := kind.hashed() // which may draw
		return func(key unsafe.Pointer, seed uintptr) uintptr {
			hashed(key)
			return 0xab00000000000000 ^ seed
		}
	},
}

// typeWithHash is the type of a kind's maps with another hash function.
func (kind *keyKind) typeWithHash(mode string) *mapType {
	copied := *kind.t
	copied.hasher = hashModes[mode](kind)
	return &copied
}

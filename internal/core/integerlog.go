package core

import "math/bits"

// Logarithms in integers, since floating point may round differently between
// machines, and a run must not.

// log2 is ⌊2^16·log2(x)⌋ for x ≥ 1, by squaring: each squaring of the mantissa
// yields one more bit.
func log2(x uint64) int64 {
	if x < 2 {
		return 0
	}
	whole := bits.Len64(x) - 1
	var y uint64 // the mantissa in [1, 2), with 31 bits of fraction
	if whole > 31 {
		y = x >> (whole - 31)
	} else {
		y = x << (31 - whole)
	}
	result := int64(whole) << 16
	for bit := 15; bit >= 0; bit-- {
		y = y * y >> 31
		if y >= 1<<32 {
			y >>= 1
			result |= 1 << bit
		}
	}
	return result
}

// log10Milli is 1000·log10(x), for x ≥ 1.
func log10Milli(x uint64) int64 {
	return log2(x) * 30103 / 100 >> 16
}

// ceilLog10 is the number of decimal digits of x-1: ⌈log10(x)⌉ for x ≥ 1.
func ceilLog10(x uint64) int {
	n := 0
	for power := uint64(1); power < x; power *= 10 {
		n++
	}
	return n
}

// ceilLog2 is ⌈log2(x)⌉ for x ≥ 1.
func ceilLog2(x uint64) int {
	if x <= 1 {
		return 0
	}
	return bits.Len64(x - 1)
}

package report

import (
	"math"
	"slices"
)

// Quantile is the q-th quantile of values, by the nearest rank: a value that was
// measured. It is 0 of none.
func Quantile[T ~int64 | ~float64](values []T, q float64) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

// Mean is the mean of values, 0 of none.
func Mean[T ~int64 | ~float64](values []T) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return sum / float64(len(values))
}

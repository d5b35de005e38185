package selector

import (
	"math/rand/v2"

	"github.com/swim-go/swim/wire"
)

// sample appends to dst up to n distinct elements of list other than except;
// every sequence of them is equally likely. It leaves list as it was.
//
// It makes the first steps of a Fisher-Yates shuffle on list itself and undoes
// them: linear in n, no memory but dst, and no draw is ever rejected, whereas
// drawing until n are distinct has no bound and Floyd's sampling is quadratic
// in n. Between the two loops dst holds the swaps that are to be undone.
//
// Drawing except costs one more step. Who comes before and after it in a
// shuffle is uniform among the others, so leaving it out skews nothing, while
// taking its neighbour in the list instead would favour that neighbour.
func sample(dst, list []wire.Ref, n int, except wire.Ref, rng *rand.Rand) []wire.Ref {
	top := len(dst)
	step, skipped, skippedFrom := 0, -1, 0
	for ; step < len(list) && len(dst)-top < n; step++ {
		from := step + rng.IntN(len(list)-step)
		list[step], list[from] = list[from], list[step]
		if list[step] == except {
			skipped, skippedFrom = step, from
			continue
		}
		dst = append(dst, wire.Ref(from))
	}
	for i, at := step-1, len(dst); i >= 0; i-- {
		from := skippedFrom
		if i != skipped {
			at--
			from = int(dst[at])
			dst[at] = list[i]
		}
		list[i], list[from] = list[from], list[i]
	}
	return dst
}

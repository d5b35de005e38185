package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// Rows reads what -json and -save have written. It ends with the first error.
func Rows(from io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		lines := bufio.NewScanner(from)
		for lines.Scan() {
			var r Row
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				yield(r, fmt.Errorf("%q: %w", lines.Text(), err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Row{}, err)
		}
	}
}

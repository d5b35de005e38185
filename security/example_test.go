package security_test

import (
	"errors"
	"fmt"

	"github.com/swim-go/swim/security"
)

func Example() {
	ours := security.NewEnvelope("prod", nil)
	theirs := security.NewEnvelope("staging", nil)

	packet, err := ours.Seal(nil, []byte("hello"))
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, err := ours.Open(nil, packet)
	fmt.Println(string(plain), err)

	_, err = theirs.Open(nil, packet)
	fmt.Println(errors.Is(err, security.ErrCluster))
	// Output:
	// hello <nil>
	// true
}

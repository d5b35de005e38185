package security

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/swim-go/swim/wire"
)

// Grant is what a join token says: that there may be a member of that name in
// that cluster. Whoever holds the token may claim to be it; tokens travel with
// every claim about a member, so each member sees those of all others. A token
// keeps out who was never given one, and keeps a member from inventing others;
// for it to be of no use to another member too, bind it to a network. Where the
// packets are not sealed, whoever can read them has the tokens.
type Grant struct {
	// Name is the member's, in the cluster named Cluster.
	Name, Cluster string
	// NotAfter is when the grant ends, to the second, or zero if it does not. That
	// is the end of admission, not of membership: who knows the member by then
	// keeps it, but a node that starts later, or restarts, does not take it up,
	// and nobody takes up a new address or new metadata of it. So a member that
	// outlives its token has to be given another before.
	NotAfter time.Time
	// Network is where the member's address has to be, or the zero Prefix if it
	// may be anywhere. A member's own address is a network of one.
	Network netip.Prefix
}

// Why a token is refused, beside [TokenExpiredError]. All wrap [ErrRefused].
var (
	// ErrTokenMissing: a token is needed, and there is none.
	ErrTokenMissing = fmt.Errorf("%w: a join token is required", ErrRefused)
	// ErrTokenMalformed: it is cut, or no token of this version.
	ErrTokenMalformed = fmt.Errorf("%w: malformed join token", ErrRefused)
	// ErrTokenKey: it is signed with a key that is not, or not yet, or no longer,
	// one of the verifier's.
	ErrTokenKey = fmt.Errorf("%w: join token of an unknown key", ErrRefused)
	// ErrTokenNetwork: the member's address is not in the network it is bound to.
	ErrTokenNetwork = fmt.Errorf("%w: join token for another network", ErrRefused)
	// ErrTokenSignature: it is for another name or cluster, or altered. Neither
	// is in the token, so these cannot be told apart.
	ErrTokenSignature = fmt.Errorf("%w: join token for another name or cluster, or altered", ErrRefused)
)

// TokenExpiredError says that a token was valid once. It wraps [ErrRefused].
type TokenExpiredError struct {
	// NotAfter is until when, by the token.
	NotAfter time.Time
}

func (e *TokenExpiredError) Error() string {
	return ErrRefused.Error() + ": join token expired at " + e.NotAfter.UTC().Format(time.RFC3339)
}

func (e *TokenExpiredError) Unwrap() error { return ErrRefused }

// A token is these bytes in unpadded base64url (RFC 4648, section 5), numbers in
// network byte order:
//
//	byte 0       version of the format, 1
//	bytes 1-8    key id: the first bytes of the SHA-256 of the public key
//	bytes 9-16   NotAfter in seconds since 1970, 0 for never
//	byte 17      length of the network: 0 for none, 5 or 17
//	             its address, of 4 or 16 bytes, and the bits of its mask
//	last 64      Ed25519 signature (RFC 8032)
//
// Signed is tokenDomain, then all that stands before the signature, then the
// length of the cluster's name in one byte, that name, and the same of the
// member's. The names are not in the token: the verifier knows them, and a token
// that says nothing about names is short enough to travel with every claim.
const (
	tokenVersion   = 1
	tokenDomain    = "swim join token\x00"
	tokenHeadBytes = 18
	tokenIDBytes   = 8
	// tokenBytes is the longest token, in binary: bound to an IPv6 network.
	tokenBytes = tokenHeadBytes + 17 + ed25519.SignatureSize
	// tokenMessageBytes is the longest message that is signed for one.
	tokenMessageBytes = len(tokenDomain) + tokenBytes + 2*256
	// tokenClusterBytes bounds the name of a cluster, as its Config does.
	tokenClusterBytes = 255
	// tokenLastSecond is the last one that can be written with four digits of
	// year: a time beyond it is an error of somebody's.
	tokenLastSecond = 253402300799
)

var tokenText = base64.RawURLEncoding.Strict()

type tokenID [tokenIDBytes]byte

func tokenIDOf(key ed25519.PublicKey) tokenID {
	sum := sha256.Sum256(key)
	return tokenID(sum[:tokenIDBytes])
}

// TokenKeyID is what a token names its key by, and what an error about an unknown
// key says: 16 hexadecimal digits.
func TokenKeyID(key ed25519.PublicKey) string {
	id := tokenIDOf(key)
	return hex.EncodeToString(id[:])
}

// terms are what a token says in the open.
type terms struct {
	key      tokenID
	notAfter int64
	network  netip.Prefix
}

// appendTo appends all of a token but the signature.
func (t terms) appendTo(b []byte) []byte {
	b = append(append(b, tokenVersion), t.key[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(t.notAfter))
	if !t.network.IsValid() {
		return append(b, 0)
	}
	addr := t.network.Addr().AsSlice()
	return append(append(append(b, byte(len(addr)+1)), addr...), byte(t.network.Bits()))
}

// parseToken reads a token into terms and signature. A token has one form only:
// whatever else would mean the same is malformed, so that no copy of a token that
// differs from it passes for another.
func parseToken(text string) (t terms, sig [ed25519.SignatureSize]byte, err error) {
	if text == "" {
		return t, sig, ErrTokenMissing
	}
	var in, out [(tokenBytes*8 + 5) / 6]byte
	n, err := tokenText.Decode(out[:], in[:copy(in[:], text)])
	// A text that is too long was cut, and the decoder skips line ends: what it
	// made must be what makes the text again.
	if err != nil || tokenText.EncodedLen(n) != len(text) || n < tokenHeadBytes+len(sig) {
		return t, sig, ErrTokenMalformed
	}
	head := out[:n-len(sig)]
	copy(sig[:], out[len(head):n])
	t.key = tokenID(head[1:])
	seconds := binary.BigEndian.Uint64(head[9:])
	network := head[tokenHeadBytes:]
	if head[0] != tokenVersion || seconds > tokenLastSecond || int(head[17]) != len(network) {
		return t, sig, ErrTokenMalformed
	}
	t.notAfter = int64(seconds)
	if len(network) == 0 {
		return t, sig, nil
	}
	ip, ok := netip.AddrFromSlice(network[:len(network)-1])
	t.network = netip.PrefixFrom(ip, int(network[len(network)-1]))
	if !ok || !t.network.IsValid() || t.network != canonical(t.network) {
		return t, sig, ErrTokenMalformed
	}
	return t, sig, nil
}

// appendMessage appends what is signed. The length of the cluster's name, which
// tells the two names apart, was checked when it was given.
func (t terms) appendMessage(b []byte, cluster, name string) []byte {
	b = t.appendTo(append(b, tokenDomain...))
	b = append(append(b, byte(len(cluster))), cluster...)
	return append(append(b, byte(len(name))), name...)
}

var errTokenCluster = fmt.Errorf("swim: the name of a cluster has at most %d bytes", tokenClusterBytes)

// terms returns what of the grant a token says in the open.
func (g Grant) terms(key tokenID) (terms, error) {
	t := terms{key: key, network: canonical(g.Network)}
	var problems []error
	if err := wire.CheckName(g.Name); err != nil {
		problems = append(problems, fmt.Errorf("swim: Grant.Name: %w", err))
	}
	if len(g.Cluster) > tokenClusterBytes {
		problems = append(problems, fmt.Errorf("swim: Grant.Cluster has %d bytes: %w", len(g.Cluster), errTokenCluster))
	}
	if !g.NotAfter.IsZero() {
		if t.notAfter = g.NotAfter.Unix(); t.notAfter <= 0 || t.notAfter > tokenLastSecond {
			problems = append(problems, fmt.Errorf("swim: Grant.NotAfter = %v: want a time from 1970 to 9999, or zero for never", g.NotAfter))
		}
	}
	if g.Network != (netip.Prefix{}) && !t.network.IsValid() {
		problems = append(problems, fmt.Errorf("swim: Grant.Network = %v is not valid: want a prefix, or the zero one for anywhere", g.Network))
	}
	return t, errors.Join(problems...)
}

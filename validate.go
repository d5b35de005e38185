package swim

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// The limits of what a Config may ask for.
const (
	maxClusterBytes     = 255
	maxIndirectProbes   = 16
	maxConfirmations    = 8
	maxMult             = 100
	minInterval         = time.Millisecond
	maxInterval         = time.Hour
	minForgetAfter      = time.Second
	minPacketBytes      = 256
	maxPacketBytes      = 65507 // what IPv4 and UDP leave of 64 KiB
	minStreamBytes      = 1 << 12
	maxStreamBytes      = 1 << 30
	maxConcurrentStream = 1 << 16
	maxTableMembers     = 1 << 24
)

// Validate returns nil if a node can be started with c, as far as that can be
// told without trying, and else all that is wrong with it at once: errors.Join
// of one [ConfigError] for each problem. Start calls it.
func (c Config) Validate() error {
	c = c.filled()
	v := validation{}
	c.checkIdentity(&v)
	c.checkAddresses(&v)
	c.checkTiming(&v)
	c.checkSeeds(&v)
	c.checkLimits(&v)
	c.checkMerge(&v)
	c.checkBroadcasts(&v)
	c.checkLayers(&v)
	c.checkRoom(&v)
	return errors.Join(v.problems...)
}

// validation collects problems.
type validation struct{ problems []error }

func (v *validation) add(field string, value any, problem, remedy string) {
	v.problems = append(v.problems, &ConfigError{Field: field, Value: value, Problem: problem, Remedy: remedy})
}

// within asks for a value between two others, which are allowed too.
func within[T cmp.Ordered](v *validation, field string, value, least, most T, remedy string) {
	switch {
	case value < least:
		v.add(field, value, fmt.Sprintf("is below %v", least), remedy)
	case value > most:
		v.add(field, value, fmt.Sprintf("is above %v", most), remedy)
	}
}

// offOrWithin is within for what a negative value turns off.
func offOrWithin[T ~int | ~int64](v *validation, field string, value, least, most T, remedy string) {
	if value >= 0 {
		within(v, field, value, least, most, remedy+"; negative turns it off")
	}
}

func (c *Config) checkIdentity(v *validation) {
	if c.Name != "" {
		if err := wire.CheckName(c.Name); err != nil {
			v.add("Name", c.Name, "is no name: "+err.Error(), "take another, or leave it empty for host:port")
		}
	}
	if len(c.Cluster) > maxClusterBytes {
		v.add("Cluster", c.Cluster, fmt.Sprintf("has more than %d bytes", maxClusterBytes), "shorten it")
	}
	if len(c.Token) > wire.MaxTokenBytes {
		v.add("Token", fmt.Sprintf("(%d bytes)", len(c.Token)), fmt.Sprintf("has more than %d bytes", wire.MaxTokenBytes), "take a shorter one")
	}
	// The hard limit comes first: a claim above it is refused by every peer.
	switch {
	case c.MaxMetaBytes < 0 || c.MaxMetaBytes > wire.MaxMetaBytes:
		within(v, "MaxMetaBytes", c.MaxMetaBytes, 0, wire.MaxMetaBytes, "0 means the default")
	case len(c.Meta) > c.MaxMetaBytes:
		v.add("Meta", fmt.Sprintf("(%d bytes)", len(c.Meta)), fmt.Sprintf("is larger than MaxMetaBytes (%d)", c.MaxMetaBytes),
			"shorten it, or raise MaxMetaBytes")
	}
}

func (c *Config) checkAddresses(v *validation) {
	if c.Transport != nil {
		if c.Bind != "" {
			v.add("Bind", c.Bind, "goes with the default transport only",
				"leave it empty; the Transport given is bound already")
		}
		if len(c.Advertise) > wire.MaxAddrBytes {
			v.add("Advertise", c.Advertise, fmt.Sprintf("has more than %d bytes", wire.MaxAddrBytes), "shorten it")
		}
		return
	}
	if problem := addressProblem(c.Bind, true); problem != "" {
		v.add("Bind", c.Bind, problem, `give host:port, such as "127.0.0.1:7946", "[::1]:7946" or ":7946"`)
	}
	if problem := addressProblem(c.Advertise, false); problem != "" {
		v.add("Advertise", c.Advertise, problem, "give an address that the other nodes can reach, as host or host:port")
	}
}

// addressProblem says what is wrong with the form of an address. What a
// template or a host name stands for shows only when it is resolved.
func addressProblem(addr string, bind bool) string {
	if addr == "" || isTemplate(addr) {
		return ""
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		if bare := strings.Trim(addr, "[]"); !bind && (net.ParseIP(bare) != nil || !strings.Contains(bare, ":")) {
			host, port = bare, "0"
		} else {
			return "is no host:port"
		}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "has no port from 0 to 65535"
	}
	if bind {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "is no address of one machine"
	}
	return ""
}

// isTemplate reports whether addr is for go-sockaddr to expand.
func isTemplate(addr string) bool { return strings.Contains(addr, "{{") }

func (c *Config) checkTiming(v *validation) {
	const remedy = "0 means the default; see LAN, WAN and Local for numbers that fit together"
	within(v, "ProbeInterval", c.ProbeInterval, minInterval, maxInterval, remedy)
	within(v, "ProbeTimeout", c.ProbeTimeout, minInterval, maxInterval, remedy)
	if c.ProbeTimeout >= c.ProbeInterval {
		v.add("ProbeTimeout", c.ProbeTimeout, fmt.Sprintf("is not shorter than ProbeInterval (%v)", c.ProbeInterval),
			"make it shorter, or leave it 0 for half of ProbeInterval")
	}
	within(v, "ForgetAfter", c.ForgetAfter, minForgetAfter, 365*24*time.Hour, remedy)
	within(v, "StreamTimeout", c.StreamTimeout, minInterval, maxInterval, remedy)

	offOrWithin(v, "GossipInterval", c.GossipInterval, minInterval, maxInterval, remedy)
	offOrWithin(v, "ReturnDelay", c.ReturnDelay, minInterval, maxInterval, remedy)
	offOrWithin(v, "HealInterval", c.HealInterval, minInterval, maxInterval, remedy)
	offOrWithin(v, "SyncInterval", c.SyncInterval, minInterval, 24*time.Hour, remedy)
	offOrWithin(v, "IndirectProbes", c.IndirectProbes, 1, maxIndirectProbes, remedy)
	offOrWithin(v, "Confirmations", c.Confirmations, 1, maxConfirmations, remedy)
	offOrWithin(v, "HealthMax", c.HealthMax, 1, maxMult, remedy)

	within(v, "GossipFanout", c.GossipFanout, 1, maxMult, remedy)
	within(v, "RetransmitMult", c.RetransmitMult, 1, maxMult, remedy)
	within(v, "SuspicionMult", c.SuspicionMult, 1, maxMult, remedy)
	within(v, "SuspicionMaxMult", c.SuspicionMaxMult, 1, maxMult, remedy)
}

func (c *Config) checkLimits(v *validation) {
	const remedy = "0 means the default"
	within(v, "PacketBytes", c.PacketBytes, minPacketBytes, maxPacketBytes, remedy)
	within(v, "MaxMembers", c.MaxMembers, 2, maxTableMembers, remedy)
	within(v, "MaxStreamBytes", c.MaxStreamBytes, minStreamBytes, maxStreamBytes, remedy)
	within(v, "MaxStateBytes", c.MaxStateBytes, 1, min(wire.MaxPayloadBytes, max(c.MaxStreamBytes-stateHeadBytes, 1)),
		remedy+"; a state has to fit MaxStreamBytes")
	within(v, "MaxStreams", c.MaxStreams, 1, maxConcurrentStream, remedy)
}

// checkLayers asks the layers themselves, and whether they go together.
func (c *Config) checkLayers(v *validation) {
	for _, l := range []struct {
		field string
		layer any
	}{
		{"Transport", c.Transport},
		{"Codec", c.Codec},
		{"Selector", c.Selector},
		{"Disseminator", c.Disseminator},
		{"Sealer", c.Sealer},
		{"Admission", c.Admission},
	} {
		var err error
		switch layer := l.layer.(type) {
		case Validator:
			err = layer.Validate()
		case interface{ Check() error }: // codec.Compressed
			err = layer.Check()
		}
		if err != nil {
			v.problems = append(v.problems, &ConfigError{
				Field: l.field, Value: layerOf(l.layer), Problem: "is set up wrongly", Remedy: err.Error(), Err: err,
			})
		}
	}
	if f, ok := c.Admission.(security.AdmissionFunc); ok && f == nil {
		v.add("Admission", "AdmissionFunc(nil)", "has no function", "give one, or leave Admission nil")
	}
	if c.Compression > CompressNothing {
		v.add("Compression", c.Compression, "is unknown", "give CompressStreams, CompressAll or CompressNothing")
	}
	switch {
	case c.Sealing > security.Required:
		v.add("Sealing", c.Sealing, "is no stage", "give security.SendPlain, AcceptPlain or Required")
	case c.Sealing != 0 && c.Sealer == nil:
		v.add("Sealing", c.Sealing, "is about a Sealer, and there is none", "give one, or leave Sealing 0")
	}
	if c.VerifyNames {
		if _, ok := c.Transport.(IdentifyingTransport); !ok {
			v.add("VerifyNames", true, "asks for what the Transport does not know: who sends",
				"give a Transport that does, such as transport.TLS")
		}
		if c.Name == "" {
			v.add("Name", c.Name, "is left to the node, and VerifyNames is set", "give the name that this node's certificate bears")
		}
	}
}

// checkRoom asks whether a claim about this node fits a packet.
func (c *Config) checkRoom(v *validation) {
	if len(v.problems) > 0 {
		return // the sizes mean nothing yet
	}
	name := cmp.Or(c.Name, c.defaultName("255.255.255.255:65535"))
	addr := cmp.Or(c.Advertise, "255.255.255.255:65535")
	if limit := c.metaRoom(name, addr); len(c.Meta) > limit {
		v.add("Meta", fmt.Sprintf("(%d bytes)", len(c.Meta)),
			fmt.Sprintf("leaves a claim about this node larger than a packet, which has room for %d bytes of it", max(limit, 0)),
			"shorten Meta or Name, or raise PacketBytes")
	}
}

// messageBytes is how long the encoding of a message in a packet may be.
func (c *Config) messageBytes() int {
	return c.PacketBytes - security.NewEnvelope(c.Cluster, c.Sealer).Overhead()
}

// peerNameBytes is how long the names of accuser, sender and target of a packet
// are assumed to be at most when it is asked whether a claim fits: those of the
// peers are not known beforehand.
const peerNameBytes = 64

// tokenRoom is how long a token may be that replaces the first one.
func (c *Config) tokenRoom() int { return max(len(c.Token), reservedTokenBytes) }

// reservedTokenBytes is kept free of each claim about this node for a credential:
// enough for those of package security.
const reservedTokenBytes = 128

// metaRoom is how much metadata a claim about a node of that name and address
// can carry, if it has to fit the longest header of a packet.
func (c *Config) metaRoom(name, addr string) int {
	peer := strings.Repeat("x", max(peerNameBytes, len(name)))
	header := wire.Message{
		Kind: wire.PingReq, Seq: 1<<32 - 1, Target: peer,
		Sender: wire.Sender{Name: peer, Epoch: 1<<64 - 1, Incarnation: 1<<32 - 1},
	}
	meta := strings.Repeat("x", c.MaxMetaBytes)
	claim := wire.Update{From: peer, Age: 1<<32 - 1, Member: wire.Member{
		Name: name, Addr: addr, Meta: meta, Token: strings.Repeat("x", c.tokenRoom()), Epoch: 1<<64 - 1, Incarnation: 1<<32 - 1, State: wire.Failed,
	}}
	// A few bytes more, since the count of claims takes them.
	free := c.messageBytes() - c.Codec.Size(&header) - c.Codec.UpdateSize(&claim) - 8
	return min(c.MaxMetaBytes, c.MaxMetaBytes+free)
}

// layerName stands for a layer in a ConfigError: its type, since a layer's fields, keys
// among them, are nobody's business.
type layerName string

func layerOf(layer any) layerName { return layerName(fmt.Sprintf("(a %T)", layer)) }

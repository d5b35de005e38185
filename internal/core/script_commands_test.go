package core_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// do performs one command of a script. The commands are:
//
//	seed 7                  begin anew with that seed
//	set loss 0.1            a parameter: forget, sync, confirmations, buddy, streams, loss, packet
//	start a b               start processes
//	start x as a            start one that goes by another's name
//	cluster a b c           start them, join all through the first, wait until they agree
//	join b a                b joins through a
//	advance 3s
//	kill b                  without a word
//	restart b               at once, in the next epoch
//	leave c
//	meta a v2
//	partition a b | c d
//	block a -> b            one direction
//	heal                    all partitions and blocks
//	status                  what each running node believes
//	trace on                print packets too, until trace off
//	stats a Refutations     a counter
//	inject a as b gossip c{3} left by c, d failed
//	                        hand a a message as if b had sent it
func (p *play) do(command string, args []string) {
	switch command {
	case "seed":
		p.open(uint64(p.number(args[0])))
	case "set":
		p.set(args[0], args[1])
	case "start":
		if len(args) == 3 && args[1] == "as" {
			p.as[args[0]] = args[2]
			args = args[:1]
		}
		for _, name := range args {
			p.start(name)
		}
	case "cluster":
		p.cluster(args)
	case "join":
		p.s.Join(p.node(args[0]), args[1])
	case "advance":
		p.s.Run(p.s.Now() + p.duration(args[0]))
	case "kill":
		p.s.Crash(p.node(args[0]))
	case "restart":
		if n := p.node(args[0]); n.Up() {
			p.s.Crash(n)
		}
		p.start(args[0])
	case "leave":
		p.s.Leave(p.node(args[0]))
	case "meta":
		p.s.SetMeta(p.node(args[0]), args[1])
	case "partition":
		i := slices.Index(args, "|")
		p.s.Net.Partition(args[:i], args[i+1:])
	case "block":
		p.s.Net.Block(args[0], args[2])
	case "heal":
		p.s.Net.Heal()
	case "status":
		p.status()
	case "trace":
		p.trace = args[0] == "on"
	case "stats":
		stats := reflect.ValueOf(p.node(args[0]).M.Stats())
		for _, name := range args[1:] {
			p.printf("%s: %s %d", args[0], name, stats.FieldByName(name).Uint())
		}
	case "inject":
		p.inject(args)
	default:
		p.t.Fatalf("no such command: %s", command)
	}
}

func (p *play) node(name string) *sim.Node {
	n := p.s.Node(name)
	if n == nil {
		p.t.Fatalf("no such node: %s", name)
	}
	return n
}

func (p *play) number(s string) uint32 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		p.t.Fatal(err)
	}
	return uint32(n)
}

func (p *play) start(name string) {
	local := p.s.Start(name).M.Local()
	p.life(local.Name, local.Epoch)
}

func (p *play) set(name, value string) {
	switch name {
	case "forget":
		p.s.Params.ForgetAfter = p.duration(value)
	case "sync":
		p.s.Params.SyncInterval = p.duration(value)
	case "confirmations":
		p.s.Params.Confirmations = int(p.number(value))
	case "buddy":
		p.s.Params.Buddy = value == "on"
	case "streams":
		p.s.Net.Streams = value == "on"
	case "packet":
		p.s.PacketBytes = int(p.number(value))
	case "loss":
		loss, err := strconv.ParseFloat(value, 64)
		if err != nil {
			p.t.Fatal(err)
		}
		p.s.Net.Loss = loss
	default:
		p.t.Fatalf("no such parameter: %s", name)
	}
}

// cluster makes one without a word, and goes on to a whole second.
func (p *play) cluster(names []string) {
	p.quiet = true
	for _, name := range names {
		p.start(name)
	}
	for _, name := range names[1:] {
		p.s.Join(p.node(name), names[0])
	}
	if !p.s.RunUntil(p.s.Now()+time.Minute, func() bool { return sim.Disagreement(p.s) == "" }) {
		p.t.Fatal(sim.Disagreement(p.s))
	}
	p.s.Run(p.s.Now().Truncate(time.Second) + time.Second)
	p.quiet = false
}

// inject forges a message: inject TO as SENDER KIND CLAIM, CLAIM.
func (p *play) inject(args []string) {
	to, sender := p.node(args[0]), p.node(args[2])
	from := sender.M.Local()
	msg := wire.Message{Sender: wire.Sender{Name: from.Name, Epoch: from.Epoch, Incarnation: from.Incarnation}}
	for msg.Kind = 1; msg.Kind.Valid() && msg.Kind.String() != args[3]; {
		msg.Kind++
	}
	for text := range strings.SplitSeq(strings.Join(args[4:], " "), ",") {
		msg.Updates = append(msg.Updates, p.claim(strings.Fields(text)))
	}
	p.s.Inject(to, core.Path{Addr: sender.Addr}, &msg)
}

// claim reads NAME{INCARNATION} STATE, by ACCUSER, at NODE, age SECONDS, life N.
// What is not said is as the member last said it of itself.
func (p *play) claim(words []string) wire.Update {
	name, incarnation, said := strings.Cut(strings.TrimSuffix(words[0], "}"), "{")
	u := wire.Update{Member: wire.Member{Name: name, Addr: "10.9.9.9:7946", Epoch: 1}}
	if n := p.s.Node(name); n != nil {
		u.Member = n.M.Local()
	}
	if said {
		u.Incarnation = p.number(incarnation)
	}
	for u.State = wire.Alive; u.State.Valid() && u.State.String() != words[1]; {
		u.State++
	}
	for i := 2; i+1 < len(words); i += 2 {
		switch words[i] {
		case "by":
			u.From = words[i+1]
		case "at":
			u.Addr = p.node(words[i+1]).Addr
		case "age":
			u.Age = p.number(words[i+1])
		case "life":
			u.Epoch = p.epochs[name][p.number(words[i+1])-1]
		}
	}
	return u
}

package swim_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/transport"
)

func TestGoodConfigs(t *testing.T) {
	for name, cfg := range map[string]swim.Config{
		"zero":  {},
		"LAN":   swim.LAN(),
		"WAN":   swim.WAN(),
		"Local": swim.Local(),
		"off": {
			IndirectProbes: -1, GossipInterval: -1, SyncInterval: -1, HealthMax: -1, Confirmations: -1, NoBuddy: true,
		},
		"fast":              {ProbeInterval: 10 * time.Millisecond},
		"IPv6":              {Bind: "[::1]:0", Advertise: "[2001:db8::1]:7946"},
		"all interfaces":    {Bind: ":7946"},
		"templates":         {Bind: "{{ GetPrivateIP }}:0", Advertise: "{{ GetPublicIP }}"},
		"advertise by name": {Advertise: "node1"},
		"bare IPv6":         {Advertise: "2001:db8::1"},
		"largest name":      {Name: strings.Repeat("n", 255)},
		"largest metadata":  {Meta: make([]byte, 512)},
		"own transport":     {Transport: new(transport.Memory), Advertise: "any/notation"},
		"sealing":           {Sealer: nopSealer{}, Sealing: security.SendPlain},
		"names verified":    {Transport: new(transport.TLS), Name: "a", VerifyNames: true},
		"no limits":         {Limits: swim.Limits{Member: security.Rate{PerSecond: -1}}},
		"compressed":        {Codec: codec.Compressed{}, Compression: swim.CompressAll},
	} {
		if err := cfg.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var badConfigs = []struct {
	name   string
	cfg    swim.Config
	fields []string
}{
	{"oversized name", swim.Config{Name: strings.Repeat("n", 256)}, []string{"Name"}},
	{"name with a line break", swim.Config{Name: "a\nb"}, []string{"Name"}},
	{"name that is no text", swim.Config{Name: "\xff"}, []string{"Name"}},
	{"oversized cluster", swim.Config{Cluster: strings.Repeat("c", 256)}, []string{"Cluster"}},
	{"oversized metadata", swim.Config{Meta: make([]byte, 513)}, []string{"Meta"}},
	{"metadata larger than a packet", swim.Config{Meta: make([]byte, 1390), MaxMetaBytes: 2000}, []string{"Meta"}},
	{"metadata larger than a small packet", swim.Config{Meta: make([]byte, 300), PacketBytes: 300}, []string{"Meta"}},
	{"metadata above the format's limit", swim.Config{MaxMetaBytes: 1 << 20}, []string{"MaxMetaBytes"}},
	{"negative metadata", swim.Config{MaxMetaBytes: -1}, []string{"MaxMetaBytes"}},

	{"bind without a port", swim.Config{Bind: "127.0.0.1"}, []string{"Bind"}},
	{"bind to no port", swim.Config{Bind: "127.0.0.1:http"}, []string{"Bind"}},
	{"bind to port 65536", swim.Config{Bind: ":65536"}, []string{"Bind"}},
	{"bind IPv6 without brackets", swim.Config{Bind: "::1"}, []string{"Bind"}},
	{"advertise nobody", swim.Config{Advertise: "0.0.0.0:7946"}, []string{"Advertise"}},
	{"advertise nothing", swim.Config{Advertise: ":7946"}, []string{"Advertise"}},
	{"advertise a wrong port", swim.Config{Advertise: "10.0.0.1:port"}, []string{"Advertise"}},
	{"bind with a transport", swim.Config{Transport: new(transport.Memory), Bind: ":0"}, []string{"Bind"}},
	{"endless address", swim.Config{Transport: new(transport.Memory), Advertise: strings.Repeat("a", 256)}, []string{"Advertise"}},

	{"timeout as long as the interval", swim.Config{ProbeInterval: time.Second, ProbeTimeout: time.Second}, []string{"ProbeTimeout"}},
	{"timeout longer than the default interval", swim.Config{ProbeTimeout: 2 * time.Second}, []string{"ProbeTimeout"}},
	{"negative interval", swim.Config{ProbeInterval: -time.Second, ProbeTimeout: -2 * time.Second}, []string{"ProbeInterval", "ProbeTimeout"}},
	{"seconds without a unit", swim.Config{ProbeInterval: 5, ProbeTimeout: 1}, []string{"ProbeInterval", "ProbeTimeout"}},
	{"endless interval", swim.Config{ProbeInterval: 1000 * time.Hour}, []string{"ProbeInterval"}},
	{"tiny gossip interval", swim.Config{GossipInterval: 1}, []string{"GossipInterval"}},
	{"tiny sync interval", swim.Config{SyncInterval: 1}, []string{"SyncInterval"}},
	{"forgetful", swim.Config{ForgetAfter: time.Millisecond}, []string{"ForgetAfter"}},
	{"negative stream timeout", swim.Config{StreamTimeout: -1}, []string{"StreamTimeout"}},

	{"k too large", swim.Config{IndirectProbes: 17}, []string{"IndirectProbes"}},
	{"too many confirmations", swim.Config{Confirmations: 9}, []string{"Confirmations"}},
	{"too doubtful", swim.Config{HealthMax: 1000}, []string{"HealthMax"}},
	{"negative fanout", swim.Config{GossipFanout: -1}, []string{"GossipFanout"}},
	{"negative multipliers", swim.Config{RetransmitMult: -1, SuspicionMult: -1, SuspicionMaxMult: -1}, []string{"RetransmitMult", "SuspicionMult", "SuspicionMaxMult"}},

	{"packet too small", swim.Config{PacketBytes: 100}, []string{"PacketBytes"}},
	{"packet too large", swim.Config{PacketBytes: 65508}, []string{"PacketBytes"}},
	{"table for one", swim.Config{MaxMembers: 1}, []string{"MaxMembers"}},
	{"tiny frames", swim.Config{MaxStreamBytes: 10}, []string{"MaxStreamBytes"}},
	{"no streams", swim.Config{MaxStreams: -1}, []string{"MaxStreams"}},

	{"unknown compression", swim.Config{Compression: 9}, []string{"Compression"}},
	{"sealing without a sealer", swim.Config{Sealing: security.AcceptPlain}, []string{"Sealing"}},
	{"no stage of sealing", swim.Config{Sealing: 9, Sealer: nopSealer{}}, []string{"Sealing"}},
	{"names verified by nobody", swim.Config{VerifyNames: true, Name: "a"}, []string{"VerifyNames"}},
	{"names verified over what does not know", swim.Config{VerifyNames: true, Name: "a", Transport: new(transport.Memory)}, []string{"VerifyNames"}},
	{"names verified, and none", swim.Config{VerifyNames: true, Transport: new(transport.TLS)}, []string{"Name"}},
	{"admission without a function", swim.Config{Admission: security.AdmissionFunc(nil)}, []string{"Admission"}},
	{"selector set up wrongly", swim.Config{Selector: &selector.Zoned{Own: "a"}}, []string{"Selector"}},
	{"codec set up wrongly", swim.Config{Codec: codec.Compressed{Send: 9}}, []string{"Codec"}},
	{"layers set up wrongly", swim.Config{Selector: &selector.Zoned{Own: "a"}, Codec: &codec.Compressed{MaxDecodedBytes: -1}}, []string{"Codec", "Selector"}},

	{"all at once", swim.Config{
		Name: "\x00", Bind: "nowhere", ProbeInterval: time.Second, ProbeTimeout: time.Minute, PacketBytes: 1,
	}, []string{"Name", "Bind", "ProbeTimeout", "PacketBytes"}},
}

// Each problem is one error, which names the field, what is wrong and what to do.
func TestBadConfigs(t *testing.T) {
	for _, test := range badConfigs {
		t.Run(test.name, func(t *testing.T) {
			err := test.cfg.Validate()
			var fields []string
			for _, e := range split(err) {
				var c *swim.ConfigError
				if !errors.As(e, &c) {
					t.Fatalf("%v is no ConfigError", e)
				}
				fields = append(fields, c.Field)
				if c.Problem == "" || c.Remedy == "" || !strings.Contains(c.Error(), "Config."+c.Field) {
					t.Errorf("%q says too little", c)
				}
			}
			slices.Sort(fields)
			slices.Sort(test.fields)
			if !slices.Equal(fields, test.fields) {
				t.Errorf("problems with %v, want %v: %v", fields, test.fields, err)
			}
			node, err2 := swim.Start(t.Context(), test.cfg)
			if node != nil || err2 == nil || err2.Error() != err.Error() {
				t.Errorf("Start says %v", err2)
			}
		})
	}
}

// split undoes errors.Join.
func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

func TestPresetsDiffer(t *testing.T) {
	lan, wan, local := swim.LAN(), swim.WAN(), swim.Local()
	if lan.Bind != ":7946" || wan.Bind != ":7946" || local.Bind != "" {
		t.Errorf("bound to %q, %q and %q", lan.Bind, wan.Bind, local.Bind)
	}
	if !(local.ProbeTimeout < lan.ProbeTimeout && lan.ProbeTimeout < wan.ProbeTimeout) {
		t.Errorf("timeouts are %v, %v and %v", local.ProbeTimeout, lan.ProbeTimeout, wan.ProbeTimeout)
	}
	// A preset says all numbers of the protocol, for a user to start from.
	v := reflect.ValueOf(lan)
	from, to := index(v, "ProbeInterval"), index(v, "ForgetAfter")
	for i := from; i <= to; i++ {
		if f := v.Type().Field(i); v.Field(i).IsZero() && f.Name != "NoBuddy" {
			t.Errorf("LAN says nothing of %s", f.Name)
		}
	}
}

func index(v reflect.Value, field string) int {
	f, _ := v.Type().FieldByName(field)
	return f.Index[0]
}

// What a layer says of itself can be asked for.
func TestConfigErrorsHoldWhatLayersSay(t *testing.T) {
	own := &selector.Zoned{Own: "a"}
	err := swim.Config{Selector: own}.Validate()
	var c *swim.ConfigError
	if !errors.As(err, &c) || c.Err == nil || c.Unwrap() != c.Err || c.Err.Error() != own.Validate().Error() {
		t.Errorf("%v does not hold %v", err, own.Validate())
	}
}

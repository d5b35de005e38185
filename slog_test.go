package swim_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/swim-go/swim"
)

// slogTo returns a bridge to a text handler without times.
func slogTo(out *bytes.Buffer, level slog.Level) hclog.Logger {
	return swim.Slog(slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
}

func TestSlogBridge(t *testing.T) {
	for _, test := range []struct {
		name string
		log  func(hclog.Logger)
		want string
	}{
		{"info", func(l hclog.Logger) { l.Info("hello", "n", 1) }, "level=INFO msg=hello n=1"},
		{"warn", func(l hclog.Logger) { l.Warn("hello") }, "level=WARN msg=hello"},
		{"error", func(l hclog.Logger) { l.Error("hello") }, "level=ERROR msg=hello"},
		{"debug", func(l hclog.Logger) { l.Debug("hello") }, "level=DEBUG msg=hello"},
		{"trace is below debug", func(l hclog.Logger) { l.Trace("hello") }, ""},
		{"off", func(l hclog.Logger) { l.Log(hclog.Off, "hello") }, ""},
		{"by level", func(l hclog.Logger) { l.Log(hclog.Warn, "hello") }, "level=WARN msg=hello"},
		{"implied", func(l hclog.Logger) { l.With("a", 1).With("b", 2).Info("hello", "c", 3) }, "level=INFO msg=hello a=1 b=2 c=3"},
		{"named", func(l hclog.Logger) { l.Named("x").Named("y").Info("hello") }, "level=INFO msg=hello logger=x.y"},
		{"renamed", func(l hclog.Logger) { l.Named("x").ResetNamed("y").Info("hello") }, "level=INFO msg=hello logger=y"},
		{"standard", func(l hclog.Logger) { l.StandardLogger(nil).Print("hello\n") }, "level=INFO msg=hello"},
		{"standard, forced", func(l hclog.Logger) {
			l.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Error}).Print("hello")
		}, "level=ERROR msg=hello"},
	} {
		var out bytes.Buffer
		test.log(slogTo(&out, slog.LevelDebug))
		if got := strings.TrimSpace(out.String()); got != test.want {
			t.Errorf("%s: wrote %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSlogBridgeTellsItsLevel(t *testing.T) {
	var out bytes.Buffer
	for level, want := range map[slog.Level]hclog.Level{
		slog.LevelDebug - 4: hclog.Trace,
		slog.LevelDebug:     hclog.Debug,
		slog.LevelInfo:      hclog.Info,
		slog.LevelWarn:      hclog.Warn,
		slog.LevelError:     hclog.Error,
		slog.LevelError + 4: hclog.Off,
	} {
		l := slogTo(&out, level)
		l.SetLevel(hclog.Trace) // is slog's to say
		if got := l.GetLevel(); got != want {
			t.Errorf("at %v: level %v, want %v", level, got, want)
		}
		for have, is := range map[hclog.Level]bool{
			hclog.Trace: l.IsTrace(), hclog.Debug: l.IsDebug(), hclog.Info: l.IsInfo(), hclog.Warn: l.IsWarn(), hclog.Error: l.IsError(),
		} {
			if is != (have >= want && want != hclog.Off) {
				t.Errorf("at %v: %v enabled=%v", level, have, is)
			}
		}
	}
	named := slogTo(&out, slog.LevelInfo).With("a", 1).Named("x")
	if args := named.ImpliedArgs(); named.Name() != "x" || len(args) != 2 || args[0] != "a" {
		t.Errorf("it is %q with %v", named.Name(), args)
	}
}

// A Logger that blocks for ever stops neither the protocol nor Close.
func TestBlockedLoggerHarmsNobody(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		release := make(chan struct{})
		defer close(release)
		a := n.start("a", func(c *swim.Config) {
			c.Logger = hclog.New(&hclog.LoggerOptions{Output: blocked{release}, Level: hclog.Debug})
		})
		b := n.start("b")
		n.join(b, "a")
		evil := n.attacker(a)
		for range 1000 { // each a debug line
			evil.send([]byte("noise"))
		}
		if s := a.Stats(); s.Drops.LinesShed == 0 || s.Drops.Corrupt != 1000 {
			t.Errorf("dropped %+v", s.Drops)
		}
		if got := len(b.Members(swim.Alive)); got != 2 {
			t.Errorf("%d members alive", got)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
}

type blocked struct{ release chan struct{} }

func (b blocked) Write(p []byte) (int, error) {
	<-b.release
	return len(p), nil
}

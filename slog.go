package swim

import (
	"context"
	"io"
	"log"
	"log/slog"

	"github.com/hashicorp/go-hclog"
)

// Slog returns a logger for [Config.Logger] that writes to l. What is enabled
// is l's to say, so SetLevel does nothing. hclog's Trace is four below slog's
// Debug, and the name of a logger becomes the attribute "logger".
func Slog(l *slog.Logger) hclog.Logger { return &slogLogger{l: l} }

type slogLogger struct {
	l       *slog.Logger
	name    string
	implied []any
}

// slogLevel is where slog has a level of hclog. Its levels are as far apart as
// hclog's are not.
func slogLevel(l hclog.Level) slog.Level {
	switch l {
	case hclog.Trace:
		return slog.LevelDebug - 4
	case hclog.Debug:
		return slog.LevelDebug
	case hclog.Warn:
		return slog.LevelWarn
	case hclog.Error:
		return slog.LevelError
	}
	return slog.LevelInfo
}

func (s *slogLogger) enabled(l hclog.Level) bool {
	return l != hclog.Off && s.l.Enabled(context.Background(), slogLevel(l))
}

func (s *slogLogger) Log(level hclog.Level, msg string, args ...any) {
	if !s.enabled(level) {
		return
	}
	l := s.l
	if s.name != "" {
		l = l.With("logger", s.name)
	}
	l.Log(context.Background(), slogLevel(level), msg, args...)
}

func (s *slogLogger) Trace(msg string, args ...any) { s.Log(hclog.Trace, msg, args...) }
func (s *slogLogger) Debug(msg string, args ...any) { s.Log(hclog.Debug, msg, args...) }
func (s *slogLogger) Info(msg string, args ...any)  { s.Log(hclog.Info, msg, args...) }
func (s *slogLogger) Warn(msg string, args ...any)  { s.Log(hclog.Warn, msg, args...) }
func (s *slogLogger) Error(msg string, args ...any) { s.Log(hclog.Error, msg, args...) }

func (s *slogLogger) IsTrace() bool { return s.enabled(hclog.Trace) }
func (s *slogLogger) IsDebug() bool { return s.enabled(hclog.Debug) }
func (s *slogLogger) IsInfo() bool  { return s.enabled(hclog.Info) }
func (s *slogLogger) IsWarn() bool  { return s.enabled(hclog.Warn) }
func (s *slogLogger) IsError() bool { return s.enabled(hclog.Error) }

func (s *slogLogger) ImpliedArgs() []any { return append([]any(nil), s.implied...) }

func (s *slogLogger) With(args ...any) hclog.Logger {
	return &slogLogger{l: s.l.With(args...), name: s.name, implied: append(s.ImpliedArgs(), args...)}
}

func (s *slogLogger) Name() string { return s.name }

func (s *slogLogger) Named(name string) hclog.Logger {
	if s.name != "" {
		name = s.name + "." + name
	}
	return s.ResetNamed(name)
}

func (s *slogLogger) ResetNamed(name string) hclog.Logger {
	return &slogLogger{l: s.l, name: name, implied: s.implied}
}

func (s *slogLogger) SetLevel(hclog.Level) {}

func (s *slogLogger) GetLevel() hclog.Level {
	for _, l := range []hclog.Level{hclog.Trace, hclog.Debug, hclog.Info, hclog.Warn, hclog.Error} {
		if s.enabled(l) {
			return l
		}
	}
	return hclog.Off
}

func (s *slogLogger) StandardLogger(o *hclog.StandardLoggerOptions) *log.Logger {
	return log.New(s.StandardWriter(o), "", 0)
}

func (s *slogLogger) StandardWriter(o *hclog.StandardLoggerOptions) io.Writer {
	level := hclog.Info
	if o != nil && o.ForceLevel != hclog.NoLevel {
		level = o.ForceLevel
	}
	return lineWriter{s, level}
}

// lineWriter makes a line of each Write.
type lineWriter struct {
	l     *slogLogger
	level hclog.Level
}

func (w lineWriter) Write(p []byte) (int, error) {
	text := string(p)
	for len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	w.l.Log(w.level, text)
	return len(p), nil
}

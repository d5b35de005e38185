package examples

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// session is a running program that is waited for line by line, so that no
// driver has to guess how long something takes.
type session struct {
	ctx   context.Context
	cmd   *exec.Cmd
	lines *bufio.Scanner
	text  strings.Builder
}

// begin starts a program, which is killed when ctx ends.
func begin(ctx context.Context, program string, args ...string) (*session, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &session{ctx: ctx, cmd: cmd, lines: bufio.NewScanner(stdout)}, nil
}

// await reads until a line matches, and returns what the expression's group, or
// else the whole of it, stands for.
func (s *session) await(expression string) (string, error) {
	re := regexp.MustCompile(expression)
	for s.lines.Scan() {
		fmt.Fprintln(&s.text, s.lines.Text())
		if m := re.FindStringSubmatch(s.lines.Text()); m != nil {
			return m[len(m)-1], nil
		}
	}
	return "", fmt.Errorf("%v printed no line like %q, but:\n%s (%w)", s.cmd.Args, expression, &s.text, s.ctx.Err())
}

// interrupt presses Ctrl-C, and waits until the program has ended well.
func (s *session) interrupt() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	for s.lines.Scan() {
		fmt.Fprintln(&s.text, s.lines.Text())
	}
	return s.cmd.Wait()
}

// driveQuickstart runs two of them, the second with the address of the first.
func driveQuickstart(ctx context.Context, program string) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // they run until they are killed
	first, err := begin(ctx, program)
	if err != nil {
		return "", err
	}
	addr, err := first.await(`^joined \S+ (\S+)$`)
	if err != nil {
		return "", err
	}
	second, err := begin(ctx, program, addr)
	if err != nil {
		return "", err
	}
	for range 2 {
		if _, err := second.await(`^joined `); err != nil {
			return "", err
		}
	}
	_, err = first.await(`^joined `)
	return first.text.String(), err
}

// driveAgent lets one agent see another one join and leave.
func driveAgent(ctx context.Context, program string) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cluster := fmt.Sprintf("-cluster=test-%d", os.Getpid())
	one, err := begin(ctx, program, cluster, "-name=one", "-bind=127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr, err := one.await(`^this is one at (\S+)$`)
	if err != nil {
		return "", err
	}
	two, err := begin(ctx, program, cluster, "-name=two", "-bind=127.0.0.1:0", "-join="+addr, "-meta=role=db")
	if err != nil {
		return "", err
	}
	for _, step := range []struct {
		s          *session
		expression string
	}{{two, `joined +one`}, {two, `joined +two`}, {one, `joined +two`}} {
		if _, err := step.s.await(step.expression); err != nil {
			return one.text.String(), err
		}
	}
	if err := two.interrupt(); err != nil {
		return two.text.String(), err
	}
	if _, err := one.await(`left +two`); err != nil {
		return one.text.String(), err
	}
	err = one.interrupt()
	return one.text.String(), err
}

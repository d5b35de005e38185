package transport

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/hashicorp/go-sockaddr/template"
)

// ResolveBind expands a go-sockaddr template, which chooses an address among
// those of this machine, with a port behind it or without:
//
//	{{ GetPrivateIP }}:7946
//	{{ GetInterfaceIP "eth0" }}
//	{{ GetAllInterfaces | include "name" "^lo$" | include "type" "IPv6" | attr "address" }}:0
//
// The result is "ip:port" or "[ip]:port", or a bare "ip" where no port is
// given. An error wraps [ErrTemplate] and names the template unless exactly one
// address comes out of it: go-sockaddr itself is content with none or several.
// A string without "{{" comes back untouched and unchecked.
func ResolveBind(s string) (string, error) {
	if !strings.Contains(s, "{{") {
		return s, nil
	}
	// The port is taken off before, since behind an IPv6 address it could not
	// be told from its last group.
	host, port := s, ""
	if end := strings.LastIndex(s, "}}"); end >= 0 {
		if i := strings.LastIndexByte(s[end:], ':'); i >= 0 {
			host, port = s[:end+i], s[end+i+1:]
			if _, err := parsePort(port); err != nil {
				return "", fmt.Errorf("%w %q: %w", ErrTemplate, s, err)
			}
		}
	}
	expanded, err := template.Parse(host)
	if err != nil {
		return "", fmt.Errorf("%w %q: %w", ErrTemplate, s, err)
	}
	ip, err := onlyAddress(expanded)
	if err != nil {
		return "", fmt.Errorf("%w %q: %w", ErrTemplate, s, err)
	}
	if port == "" {
		return ip.String(), nil
	}
	return net.JoinHostPort(ip.String(), port), nil
}

// onlyAddress returns the one address in the result of a template.
func onlyAddress(expanded string) (netip.Addr, error) {
	words := strings.FieldsFunc(expanded, func(r rune) bool { return r <= ' ' || r == ',' })
	switch len(words) {
	case 0:
		return netip.Addr{}, errors.New("no address of this machine fits: choose another function, or write the address itself")
	case 1:
	default:
		return netip.Addr{}, fmt.Errorf("it comes to %d addresses, %q: narrow it to one, with limit 1 or include", len(words), expanded)
	}
	word := words[0]
	if inner, ok := strings.CutPrefix(word, "["); ok {
		word, _ = strings.CutSuffix(inner, "]")
	}
	ip, err := parseIP(word)
	if err != nil {
		return ip, fmt.Errorf("it comes to %q, which is no IP address: end it with attr \"address\"", expanded)
	}
	return ip, nil
}

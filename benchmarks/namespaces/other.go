//go:build !linux

package main

import (
	"context"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

func runLab(context.Context) error                      { return errUnsupported }
func experiment(context.Context, *report.Options) error { return errUnsupported }
func runHost(context.Context) error                     { return errUnsupported }
func endWithParent(ctx context.Context) context.Context { return ctx }

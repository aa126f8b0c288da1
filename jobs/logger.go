package jobs

import (
	"fmt"
	"log/slog"

	"github.com/hibiken/asynq"
)

// logger writes asynq's own lines to slog. Payloads hold ids only, so no line can hold personal data.
type logger struct{ log *slog.Logger }

var _ asynq.Logger = logger{}

func (l logger) Debug(args ...any) { l.log.Debug(fmt.Sprint(args...)) }
func (l logger) Info(args ...any)  { l.log.Info(fmt.Sprint(args...)) }
func (l logger) Warn(args ...any)  { l.log.Warn(fmt.Sprint(args...)) }
func (l logger) Error(args ...any) { l.log.Error(fmt.Sprint(args...)) }

// Fatal does not end the process: a worker without Redis waits for it.
func (l logger) Fatal(args ...any) { l.log.Error(fmt.Sprint(args...)) }

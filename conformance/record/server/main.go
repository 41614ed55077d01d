// A Temporal development server, the one that `temporal server start-dev --headless` runs: its package devserver of the
// temporal CLI's module with the same defaults. (`go install …/cmd/temporal` itself is refused, as that module has a
// replace directive; this file is built inside a copy of the module, see ../server.mjs.) Usage: temporal-dev <port>
package main

import (
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/temporalio/cli/internal/devserver"
	"go.temporal.io/api/enums/v1"
)

func main() {
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	server, err := devserver.Start(devserver.StartOptions{
		FrontendIP:             "127.0.0.1",
		FrontendPort:           port,
		Namespaces:             []string{"default"},
		Logger:                 slog.New(slog.NewTextHandler(os.Stderr, nil)),
		LogLevel:               slog.LevelWarn,
		ClusterID:              uuid.NewString(),
		MasterClusterName:      "active",
		CurrentClusterName:     "active",
		InitialFailoverVersion: 1,
		SearchAttributes: map[string]enums.IndexedValueType{
			"CustomKeyword": enums.INDEXED_VALUE_TYPE_KEYWORD,
			"CustomInt":     enums.INDEXED_VALUE_TYPE_INT,
		},
		DynamicConfigValues: map[string]any{
			"system.forceSearchAttributesCacheRefreshOnRead": true,
			"system.forceNexusEndpointRefreshOnRead":         true,
			"frontend.persistenceMaxQPS":                     10000,
			"history.persistenceMaxQPS":                      45000,
			// By default timers due within 1 s fire late, up to 1 s after their scheduling. Only the times change by this,
			// and the order of short timers becomes that of their durations.
			"history.timerProcessorMaxTimeShift": 5 * time.Millisecond,
			// Off by default; our Service has it.
			"frontend.WorkflowPauseEnabled": true,
		},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
	server.Stop()
}

package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Report is everything that was measured. Rates are requests a second; times are named with their unit.
type Report struct {
	Bare           float64   `json:"bare,omitempty"`
	OneInsert      float64   `json:"one_insert,omitempty"`
	Jari           float64   `json:"jari,omitempty"`
	RatioBare      float64   `json:"ratio_bare,omitempty"`
	RatioOneInsert float64   `json:"ratio_one_insert,omitempty"`
	Peaks          []Peak    `json:"peaks,omitempty"` // the first one's figures stand above
	Texts          *Texts    `json:"texts,omitempty"`
	Controls       *Controls `json:"controls,omitempty"`
	Cap            *Cap      `json:"cap,omitempty"`
	Refusal        *Refusal  `json:"refusal,omitempty"`
	Queue          *Queue    `json:"queue,omitempty"`
	Memory         *Held     `json:"memory,omitempty"`
	Machine        Machine   `json:"machine"`
	Options        Options   `json:"options"`
}

// Machine is what was measured on.
type Machine struct {
	CPU        string            `json:"cpu"`
	Cores      int               `json:"cores"`
	MemoryMiB  int64             `json:"memory_mib"`
	Kernel     string            `json:"kernel"`
	Go         string            `json:"go"`
	PostgreSQL string            `json:"postgresql"`
	Settings   map[string]string `json:"postgresql_settings"`
}

// Options are the command's.
type Options struct {
	Rounds  int   `json:"rounds"`
	Seconds int   `json:"seconds"`
	Rows    int64 `json:"rows"`
	Quick   bool  `json:"quick,omitempty"`
}

// Peak is the three doors at one number of connections.
type Peak struct {
	Connections    int                `json:"connections"`
	Bare           float64            `json:"bare"`
	OneInsert      float64            `json:"one_insert"`
	Jari           float64            `json:"jari"`
	Plain          float64            `json:"plain_gin"`
	RatioBare      float64            `json:"ratio_bare"`
	RatioOneInsert float64            `json:"ratio_one_insert"`
	P50            float64            `json:"p50_ms"`
	P99            float64            `json:"p99_ms"`
	Tail           float64            `json:"p99_over_p50"`
	Pools          map[string]float64 `json:"one_insert_pool_trials"` // requests a second by pool size
	Pool           int                `json:"one_insert_pool"`
	Rounds         []Round            `json:"rounds"`
}

// Round is one load on one server, with raw counts.
type Round struct {
	Round     int     `json:"round"`
	Kind      string  `json:"kind"`
	Answered  int64   `json:"answered"`
	Refused   int64   `json:"refused"`
	Other     int64   `json:"other"`
	Broken    int64   `json:"broken"`
	Stored    int64   `json:"stored"` // new rows in PostgreSQL, those of the warm-up included
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Longest   float64 `json:"longest_ms"`
	// Processor time for each answer, in microseconds.
	Server    float64 `json:"server_us"`
	Database  float64 `json:"postgresql_us"`
	Generator float64 `json:"generator_us"`
}

// Controls say what the machine does without us.
type Controls struct {
	Pgbench        float64            `json:"pgbench,omitempty"` // single-row inserts a second, one statement each
	PgbenchClients int                `json:"pgbench_clients,omitempty"`
	PgbenchTrials  map[string]float64 `json:"pgbench_trials,omitempty"`
	PgbenchMissing string             `json:"pgbench_missing,omitempty"`
}

// Texts is the text door beside the app's.
type Texts struct {
	Connections int     `json:"connections"`
	App         float64 `json:"app_per_second"`    // applications stored, on the same server in the same rounds
	Stored      float64 `json:"stored_per_second"` // texts, without those that were delivered again
	Ratio       float64 `json:"ratio"`
	Sent        int64   `json:"sent"` // different texts, each of another person
	Kept        int64   `json:"kept"` // in the table
	ByDoor      int64   `json:"handled_by_the_door"`
	Drained     Drained `json:"drained"` // by one worker afterwards
	Open        int64   `json:"open"`    // not handled at the end
	Registered  int64   `json:"registered"`
	Told        int64   `json:"told"` // "registered" messages that were queued
	Rounds      []Round `json:"rounds"`
}

// Drained is what a worker handled.
type Drained struct {
	Handled  int64   `json:"handled"`
	Seconds  float64 `json:"seconds"`
	Worker   float64 `json:"worker_us"` // processor time each
	Database float64 `json:"database_us"`
}

// PerSecond is the rate.
func (d Drained) PerSecond() float64 {
	if d.Seconds == 0 {
		return 0
	}
	return float64(d.Handled) / d.Seconds
}

// Cap is an intake that is limited by its setting, and offered more.
type Cap struct {
	Limit    int     `json:"limit_per_second"`
	Offered  float64 `json:"offered_per_second"`
	Stored   int64   `json:"stored"` // counted in PostgreSQL
	Seconds  float64 `json:"seconds"`
	Share    float64 `json:"stored_over_limit"`
	Answered int64   `json:"answered"`
	Refused  int64   `json:"refused"`
	Other    int64   `json:"other"`
	Broken   int64   `json:"broken"`
}

// Refusal is what turning somebody away costs.
type Refusal struct {
	Rate         int     `json:"offered_per_second"`
	Limit        int     `json:"limit_per_second"` // stored all the same
	Seconds      float64 `json:"seconds"`          // in which so many were refused and stored
	Refusal      float64 `json:"refusal_us"`       // processor time, median of the rounds
	Bare         float64 `json:"bare_us"`
	Share        float64 `json:"refusal_over_bare"`
	Refused      int64   `json:"refused"`
	Stored       int64   `json:"stored"`
	Transactions int64   `json:"transactions"`      // PostgreSQL's while they were refused
	Idle         int64   `json:"transactions_idle"` // as long without a request
	Rounds       []Round `json:"rounds"`
}

// Queue is the public count against handlers that answer the same bytes.
type Queue struct {
	Jari         float64 `json:"jari"`
	Gin          float64 `json:"bare_gin"`
	Standard     float64 `json:"bare_net_http"`
	OverGin      float64 `json:"jari_over_gin"`
	OverStandard float64 `json:"jari_over_net_http"`
	Polls        int64   `json:"polls"`
	Transactions int64   `json:"transactions"`      // PostgreSQL's while they were answered
	Idle         int64   `json:"transactions_idle"` // as long without a request
	Bytes        int64   `json:"bytes"`
	Rounds       []Round `json:"rounds"`
}

// Held is what an API process holds in memory for many connections.
type Held struct {
	Connections int     `json:"connections"`
	Addresses   int     `json:"addresses"`
	Before      float64 `json:"before_mib"`
	Idle        float64 `json:"idle_mib"`   // each has made a request and keeps its connection
	Active      float64 `json:"active_mib"` // after all have asked at the same time, again and again
	Most        float64 `json:"most_mib"`
	Answered    int64   `json:"answered"`
	Refused     int64   `json:"refused"`
	Other       int64   `json:"other"`
	Broken      int64   `json:"broken"`
}

// Median of the values, the mean of the two in the middle where there are two; 0 of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// Print writes the table for people.
func (r *Report) Print(out io.Writer) {
	m := r.Machine
	fmt.Fprintf(out, "\n%d × %s, %d MiB, Linux %s, %s, PostgreSQL %s; generator, server and PostgreSQL together\n", m.Cores, m.CPU, m.MemoryMiB, m.Kernel, m.Go, m.PostgreSQL)
	fmt.Fprintf(out, "%d rounds of %d s, interleaved; medians; %d rows in the table before\n\n", r.Options.Rounds, r.Options.Seconds, r.Options.Rows)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	r.printRates(w)
	r.printGoals(w)
	_ = w.Flush()
}

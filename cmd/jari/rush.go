package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jari/cmd/jari/rush"
)

// rushOptions are the flags of jari rush.
type rushOptions struct {
	crowd  rush.Config
	doors  string
	urls   string
	json   bool
	report string

	private      bool
	dir          string
	nodes        int
	workers      int
	clocksApart  bool
	journal      bool
	intakeRate   int
	settle       time.Duration
	stopDatabase time.Duration
	stopNodes    time.Duration
	stopNodesAt  time.Duration // after the opening; below 0: after a quarter of the rush

	childEnv []string // added to what the private system's processes get; for tests
}

func (a *app) rushCmd() *cobra.Command {
	var o rushOptions
	cmd := &cobra.Command{
		Use:   "rush",
		Short: "Replay an opening against a rehearsal and judge from outside: lost, doubled, out of order, gained by cheating",
		Long: `Replay an opening: invented people apply in the same minute, over bad lines, some of them cheating, and afterwards the
order in which they stand is held against what was sent and answered when. A live campaign is refused.

Either --private (a system of its own: PostgreSQL, Redis, API and worker processes, made for this run), or --url and
--agent-token for a system that runs already. Exit code 0: nobody lost a place; 1: somebody did; 2: it could not be run.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.rush(cmd.Context(), o) },
	}
	f := cmd.Flags()
	c := &o.crowd
	f.IntVar(&c.People, "people", 5000, "how many people apply")
	f.Float64Var(&c.PerPerson, "requests-per-person", 6.6, "all requests that a person's devices send on average: application, repetitions, polls, taps")
	f.DurationVar(&c.Over, "over", 20*time.Second, "how long the rush lasts; half of the people come in its first 15 %")
	f.StringVar(&o.doors, "doors", "", "shares of the doors, for example app=90,sms=5,agent=5 (default app=98,sms=2; with --url app=1)")
	f.Float64Var(&c.Drop, "drop", 0.1, "share of applications whose connection is cut before the answer, and then repeated")
	f.Float64Var(&c.Early, "early", 0.05, "share of people who begin before the opening")
	f.Float64Var(&c.Cheat, "cheat", 0.02, "share of people who cheat, of ten kinds")
	f.Float64Var(&c.Helpers, "helpers", 0.03, "share of people for whom a second device applies too")
	f.Uint64Var(&c.Seed, "seed", 2021, "the same seed makes the same people and the same plan")
	f.DurationVar(&c.Margin, "margin", 0, "what clocks of two nodes may differ by before it counts as out of order (default with --private: their exported bounds, added)")
	f.IntVar(&c.Conns, "connections", 8000, "connections at once over all nodes, at most; as many are used as wait for answers")
	f.DurationVar(&c.Patience, "patience", 6*time.Minute, "how long people go on after the rush while anything still moves")
	f.StringVar(&c.Campaign, "campaign", "rush", "the campaign's short name, with --url")
	f.BoolVar(&o.json, "json", false, "print the result as JSON in the last line")
	f.StringVar(&o.report, "report", ".local/rush.html", "where to write the report; empty: nowhere")
	f.StringVar(&o.urls, "url", "", "nodes of a running system, separated by commas: http://127.0.0.1:8080,http://127.0.0.1:8081")
	f.StringVar(&c.AgentToken, "agent-token", "", "with --url: an agent's token, for reading the order (defaults to JARI_AGENT_TOKEN)")
	f.BoolVar(&o.private, "private", false, "start a system of its own for the run")
	f.StringVar(&o.dir, "dir", ".local/rush", "private: where its servers keep their data; emptied at each start")
	f.IntVar(&o.nodes, "nodes", 2, "private: how many API processes")
	f.IntVar(&o.workers, "workers", 1, "private: how many worker processes")
	f.BoolVar(&o.clocksApart, "clocks-apart", false, "private: the nodes' own clocks are set 3 s ahead and 3 s behind, in turn")
	f.BoolVar(&o.journal, "journal", false, "private: each node keeps a journal for texts while PostgreSQL is away")
	f.IntVar(&o.intakeRate, "intake-rate", 0, "private: applications that a node stores in a second at most, so that others are stamped (0: no bound)")
	f.DurationVar(&o.settle, "settle", 30*time.Second, "private: how old an arrival must be before its place is numbered")
	f.DurationVar(&o.stopDatabase, "stop-database", 0, "private: PostgreSQL is stopped for so long in mid-rush")
	f.DurationVar(&o.stopNodes, "stop-nodes", 0, "private: all API nodes are killed for so long; the network does not deliver again what people text meanwhile")
	f.DurationVar(&o.stopNodesAt, "stop-nodes-at", -1, "private: so long after the opening (default: after a quarter of the rush)")
	return cmd
}

// check reads the flags that depend on each other.
func (o *rushOptions) check(getenv func(string) string) error {
	switch {
	case o.private == (o.urls != ""):
		return errors.New("give either --private, or --url and --agent-token")
	case o.private && o.settle <= 0:
		return errors.New("--settle: above 0")
	case o.private && (o.nodes < 1 || o.nodes > 16 || o.workers < 1 || o.workers > 8):
		return errors.New("--nodes: from 1 to 16; --workers: from 1 to 8")
	case !o.private && (o.clocksApart || o.journal || o.intakeRate != 0 || o.stopDatabase != 0 || o.stopNodes != 0):
		return errors.New("--clocks-apart, --journal, --intake-rate, --stop-database and --stop-nodes need --private")
	case o.stopDatabase < 0 || o.stopNodes < 0 || o.intakeRate < 0 || o.crowd.Margin < 0:
		return errors.New("--stop-database, --stop-nodes, --intake-rate and --margin: not below 0")
	}
	if o.doors == "" {
		o.doors = map[bool]string{true: "app=98,sms=2", false: "app=1"}[o.private]
	}
	var err error
	if o.crowd.Doors, err = rush.ParseDoors(o.doors); err != nil {
		return err
	}
	if !o.private {
		if o.crowd.AgentToken == "" {
			o.crowd.AgentToken = getenv("JARI_AGENT_TOKEN")
		}
		if o.crowd.AgentToken == "" {
			return errors.New("--agent-token: an agent's token is needed to read the order (jari agent add)")
		}
		for u := range strings.SplitSeq(o.urls, ",") {
			o.crowd.Targets = append(o.crowd.Targets, strings.TrimSpace(u))
		}
	}
	return o.crowd.Check()
}

func (a *app) rush(ctx context.Context, o rushOptions) (err error) {
	if err := o.check(a.getenv); err != nil {
		return err
	}
	if o.report != "" {
		if err := canWrite(o.report); err != nil {
			return err
		}
	}
	var h *rushHouse
	if o.private {
		h = &rushHouse{options: o}
		defer func() {
			if stopErr := inTime(ctx, 2*stopTime, h.Stop); err == nil || errors.Is(err, errFound) {
				err = errors.Join(err, stopErr)
			}
		}()
		_, _ = fmt.Fprintf(a.out, "Starting a private PostgreSQL and Redis, %d API nodes and %d workers …\n", o.nodes, o.workers)
		if err := h.start(ctx, a); err != nil {
			return err
		}
		o.crowd.Targets, o.crowd.AgentToken, o.crowd.Campaign, o.crowd.Phones, o.crowd.Apart = h.urls, h.token, rushSlug, h.phones, h.clocks.apart
	}
	show := progress(os.Stderr)
	o.crowd.Progress = func(s rush.Snapshot) { show(float64(s.Registered+s.Placed)/float64(2*s.People), s.String()) }
	r, err := rush.New(ctx, o.crowd)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.out, "%d people and %d planned requests; the opening is at %s.\n", o.crowd.People, r.Planned(), r.Opens().Local().Format(time.TimeOnly))
	if h != nil {
		h.connect(ctx, r)
	}
	res, err := r.Run(ctx)
	show(1, "")
	if err == nil && h != nil {
		err = h.failed()
	}
	if err != nil {
		return err
	}
	return a.rushResult(o, res)
}

// rushResult prints what was found, writes the report, and turns it into an exit code.
func (a *app) rushResult(o rushOptions, res *rush.Result) error {
	res.Print(a.out)
	if o.report != "" {
		page := func(w io.Writer) error { return res.WriteReport(w, o.crowd.Campaign, time.Now()) }
		if err := writeFile(o.report, 0o644, page); err != nil { // it names nobody
			return err
		}
		_, _ = fmt.Fprintf(a.out, "report: %s\n", o.report)
	}
	if o.json {
		line, err := json.Marshal(res)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(a.out, "%s\n", line)
	}
	if !res.OK {
		return errFound
	}
	return nil
}

package phonesim_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"jari/sms/phonesim"
)

// BenchmarkNetwork is what a text costs the simulator: its creation and both receipts, over real HTTP. Who sends and who takes the receipts is
// as lean as can be, so that nearly all of the time is the simulator's.
func BenchmarkNetwork(b *testing.B) {
	var taken atomic.Int64
	done := make(chan struct{})
	hooks := leanHooks(b, func() {
		if taken.Add(1) == 2*int64(b.N) {
			close(done)
		}
	})
	sim, err := phonesim.New(phonesim.Config{AccountSID: account, AuthToken: token, From: ours, MaxMessages: 100_000})
	if err != nil {
		b.Fatal(err)
	}
	sim.Start()
	rest := httptest.NewServer(sim)
	b.Cleanup(func() {
		rest.Close()
		sim.Stop()
	})
	const at = 16
	b.ResetTimer()
	before := processor(b)
	var wg sync.WaitGroup
	for worker := range at {
		wg.Go(func() {
			c, err := net.Dial("tcp", rest.Listener.Addr().String())
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			answers := bufio.NewReader(c)
			for i := worker; i < b.N; i += at {
				if err := leanCreate(c, answers, i, hooks); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	<-done
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
	b.ReportMetric(float64((processor(b)-before).Microseconds())/float64(b.N), "cpu-µs/text") // also true on a busy machine
	if c := sim.Counts(); c.Accepted != uint64(b.N) || c.ReceiptsLost != 0 {
		b.Errorf("%+v", c)
	}
}

// processor is the time that this process has had of the processors.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// leanCreate sends one text over a connection and reads the answer.
func leanCreate(c net.Conn, answers *bufio.Reader, i int, hooks string) error {
	form := url.Values{
		"To": {fmt.Sprintf("+8210%08d", i%5000)}, "From": {ours}, "Body": {"자리: 홍*동 님, 7월 19일(월) 20:00 강남구 체육관입니다. 오시면 12 [A1B2]"},
		"StatusCallback": {hooks},
	}.Encode()
	if _, err := fmt.Fprintf(c, "POST /2010-04-01/Accounts/%s/Messages.json HTTP/1.1\r\nHost: sim\r\nAuthorization: Basic %s\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", account, basic, len(form), form); err != nil {
		return err
	}
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// basic is account:token.
const basic = "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMTIzNDU2Nzg5YWJjZGVm"

// leanHooks answers every request on every connection with 204 and calls got for each. It returns its address.
func leanHooks(b *testing.B, got func()) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go leanAnswers(c, got)
		}
	}()
	return "http://" + l.Addr().String() + "/receipts"
}

func leanAnswers(c net.Conn, got func()) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		length := 0
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if rest, found := strings.CutPrefix(line, "Content-Length: "); found {
				fmt.Sscan(rest, &length)
			}
			if line == "\r\n" {
				break
			}
		}
		if _, err := in.Discard(length); err != nil {
			return
		}
		got()
		if _, err := io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil {
			return
		}
	}
}

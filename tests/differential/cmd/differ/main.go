// differ asks our program and golang.org/x/mod the same questions about notes, keys,
// checkpoints, tile paths and proofs, true ones and changed ones, and stops at the
// first difference that is not one of those allowed in allowed.go.
//
//	differ --ours PROGRAM [--seconds N] [--seed N]
//	differ --ours PROGRAM --again HEX    one question, as it was printed
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sort"
	"time"
)

// A verdict as ours.c gives it: 'y', '?' or 'n', and the values read.
type verdict struct {
	says   byte
	values string
}

type child struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

func start(path string) *child {
	c := &child{cmd: exec.Command(path)}
	c.cmd.Stderr = os.Stderr
	in, err := c.cmd.StdinPipe()
	must(err)
	out, err := c.cmd.StdoutPipe()
	must(err)
	must(c.cmd.Start())
	c.in, c.out = in, bufio.NewReaderSize(out, 1<<16)
	return c
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "differ:", err)
		os.Exit(2)
	}
}

// ask gives false when the program is gone.
func (c *child) ask(op byte, body []byte) (verdict, bool) {
	frame := make([]byte, 5, 5+len(body))
	frame[0] = op
	binary.BigEndian.PutUint32(frame[1:], uint32(len(body)))
	if _, err := c.in.Write(append(frame, body...)); err != nil {
		return verdict{}, false
	}
	head := make([]byte, 5)
	if _, err := io.ReadFull(c.out, head); err != nil {
		return verdict{}, false
	}
	values := make([]byte, binary.BigEndian.Uint32(head[1:]))
	if _, err := io.ReadFull(c.out, values); err != nil {
		return verdict{}, false
	}
	return verdict{head[0], string(values)}, true
}

type tally struct{ asked, accepted, refused int }

type run struct {
	c       *child
	r       *rand.Rand
	tallies map[byte]*tally
	allowed map[string]int
}

// differs asks both; an empty string when they agree or may differ.
func (x *run) differs(op byte, body []byte) string {
	t := x.tallies[op]
	if t == nil {
		t = &tally{}
		x.tallies[op] = t
	}
	t.asked++
	theirs := judges[op](body)
	ours, alive := x.c.ask(op, body)
	if !alive {
		return "our program ended"
	}
	if ours == theirs {
		if ours.says == 'n' {
			t.refused++
		} else {
			t.accepted++
		}
		return ""
	}
	if why := allowed(op, body, ours, theirs); why != "" {
		x.allowed[why]++
		return ""
	}
	return fmt.Sprintf("ours %c %q, x/mod %c %q", ours.says, ours.values, theirs.says,
		theirs.values)
}

func (x *run) tell() {
	ops := make([]byte, 0, len(x.tallies))
	for op := range x.tallies {
		ops = append(ops, op)
	}
	sort.Slice(ops, func(i, j int) bool { return ops[i] < ops[j] })
	for _, op := range ops {
		t := x.tallies[op]
		fmt.Printf("%-12s %8d asked, both accepted %d, both refused %d\n", names[op],
			t.asked, t.accepted, t.refused)
	}
	for _, a := range allowances {
		fmt.Printf("  allowed %6d: %s\n", x.allowed[a.says], a.says)
	}
}

// Each kind must be accepted and refused often, or the questions are no good.
func (x *run) vacuous() bool {
	bad := false
	for op := range judges {
		t := x.tallies[op]
		if t == nil || t.accepted*100 < t.asked || t.refused*100 < t.asked {
			fmt.Printf("%s: too few accepted or refused to mean anything\n", names[op])
			bad = true
		}
	}
	return bad
}

func main() {
	ours := flag.String("ours", "", "our program")
	seconds := flag.Float64("seconds", 5, "how long")
	seed := flag.Uint64("seed", 1, "of what is asked")
	again := flag.String("again", "", "one question as it was printed")
	flag.Parse()
	x := &run{c: start(*ours), r: rand.New(rand.NewPCG(*seed, 7)),
		tallies: map[byte]*tally{}, allowed: map[string]int{}}
	if *again != "" {
		q, err := hex.DecodeString(*again)
		must(err)
		fmt.Println(x.differs(q[0], q[1:]))
		return
	}
	w := newWorld()
	for end := time.Now().Add(time.Duration(*seconds * float64(time.Second))); time.Now().Before(end); {
		for range 64 {
			op, body := w.question(x.r)
			if what := x.differs(op, body); what != "" {
				x.tell()
				fmt.Printf("DIFFERENT: %s: %s\n  see it again: --again %x%x\n",
					names[op], what, op, body)
				os.Exit(1)
			}
		}
	}
	x.tell()
	if x.vacuous() {
		os.Exit(1)
	}
	if err := x.c.in.Close(); err == nil {
		must(x.c.cmd.Wait())
	}
}

package main

import (
	"fmt"
	"strings"
)

// One policy file.  met: which sets of witnesses (bit i: W<i+1>) are enough; nil: the
// specification, c2sp.org/tlog-policy, does not allow the file.
type policy struct {
	name, text string
	met        func(mask int) bool
	vkeysOnly  bool // of what sigsum, which writes bare keys, does not have
	differs    map[string]string
}

func (c *policy) expect(w *world) string {
	if c.met == nil {
		return refused
	}
	return w.bits(func(i int) bool { return c.met(w.masks[i]) })
}

type differs = map[string]string

const (
	logLine   = "log {L1}\n"
	three     = "witness a {W1} http://127.0.0.1:1/a\nwitness b {W2} http://127.0.0.1:1/b\nwitness c {W3} http://127.0.0.1:1/c\n"
	fourth    = "witness d {W4} http://127.0.0.1:1/d\n"
	anyOf     = logLine + three + "group g any a b c\nquorum g\n"
	allOf     = logLine + three + "group g all a b c\nquorum g\n"
	single    = "witness a {W1} http://127.0.0.1:1/a\nquorum a\n"
	anyAll    = "torchwood tessera formats sigsum-rs sigsum-go"
	tesseras  = "tessera formats"
	notSigsum = "torchwood tessera formats"
)

// These read it, though the specification does not allow it (or the other way round).
func but(readers, how string) differs {
	d := differs{}
	for _, r := range strings.Fields(readers) {
		d[r] = how
	}
	return d
}

func count(mask int) (n int) {
	for ; mask != 0; mask &= mask - 1 {
		n++
	}
	return n
}

func atLeast(k, among int) func(int) bool {
	return func(mask int) bool { return count(mask&among) >= k }
}

func always(int) bool { return true }

func twoLevels(mask int) bool { return count(mask&7) >= 2 && mask&8 != 0 }

func deep(levels int) string {
	s := logLine + strings.ReplaceAll(single, "quorum a\n", "")
	last := "a"
	for i := range levels {
		s += fmt.Sprintf("group g%d 1 %s\n", i, last)
		last = fmt.Sprint("g", i)
	}
	return s + "quorum " + last + "\n"
}

func many() string {
	s := logLine
	for i := range 31 {
		s += fmt.Sprintf("log {ML%d}\n", i)
	}
	s += three
	for i := range 29 {
		s += fmt.Sprintf("witness m%d {MW%d} http://127.0.0.1:1/m%d\n", i, i, i)
	}
	last := "a"
	for i := range 31 {
		s += fmt.Sprintf("group g%d any %s\n", i, last)
		last = fmt.Sprint("g", i)
	}
	return s + "group both all " + last + " b\nquorum both\n"
}

var long = strings.Repeat("n", 1000)

var table = []policy{
	// what is allowed
	{"one witness", logLine + single, atLeast(1, 1), false, nil},
	{"quorum none", logLine + "quorum none\n", always, false, nil},
	{"quorum none beside witnesses", logLine + three + "quorum none\n", always, false, nil},
	{"any", anyOf, atLeast(1, 7), false, nil},
	{"all", allOf, atLeast(3, 7), false, nil},
	{"2 of 3", logLine + three + "group g 2 a b c\nquorum g\n", atLeast(2, 7), false, nil},
	{"k is n", logLine + three + "group g 3 a b c\nquorum g\n", atLeast(3, 7), false, nil},
	{"two levels", logLine + three + fourth + "group x 2 a b c\ngroup y any d\ngroup q all x y\nquorum q\n",
		twoLevels, false, nil},
	{"a witness that no quorum asks", logLine + three + "group g all a b\nquorum g\n", atLeast(2, 3), false, nil},
	{"witnesses before the log", strings.ReplaceAll(single, "quorum a\n", "") + logLine + "quorum a\n",
		atLeast(1, 1), false, nil},
	{"tabs and spaces around words", "\t log \t{L1} \n  witness\ta\t {W1}  http://127.0.0.1:1/a \t\n quorum\ta\t\n",
		atLeast(1, 1), false, nil},
	{"comments and empty lines", "# a\n\n \t\n\t # b\n" + logLine + "#log\n" + single + "\n# end\n",
		atLeast(1, 1), false, nil},
	{"no URL of a witness", logLine + "witness a {W1}\nquorum a\n", atLeast(1, 1), false, but(tesseras, refused)},
	{"a URL of the log", "log {L1} https://log.example/\n" + single, atLeast(1, 1), false, nil},
	{"a long name", logLine + "witness " + long + " {W1} http://127.0.0.1:1/a\nquorum " + long + "\n",
		atLeast(1, 1), false, nil},
	{"a name in UTF-8", logLine + "witness saksi-é世 {W1} http://127.0.0.1:1/a\nquorum saksi-é世\n",
		atLeast(1, 1), false, nil},
	{"a name that is no UTF-8", logLine + "witness a\xff {W1} http://127.0.0.1:1/a\nquorum a\xff\n",
		atLeast(1, 1), false, but("sigsum-rs", refused)},
	{"names that are keywords", logLine + "witness log {W1} http://127.0.0.1:1/a\nwitness any {W2} http://127.0.0.1:1/b\n" +
		"group all 2 log any\nquorum all\n", atLeast(2, 3), false, but(tesseras, refused)},
	{"a no-break space within a name", logLine + "witness a\u00a0b {W1} http://127.0.0.1:1/a\nquorum a\u00a0b\n",
		atLeast(1, 1), false, but(notSigsum, refused)},
	{"a # within a line is no comment", logLine + "witness a#1 {W1} http://127.0.0.1:1/a\nquorum a#1\n",
		atLeast(1, 1), false, but(notSigsum, refused)},
	{"groups 24 deep", deep(24), atLeast(1, 1), false, nil},
	{"two logs, either is enough", "log {L1}\nlog {L2}\n" + single, atLeast(1, 1), false,
		but("torchwood", never)},
	{"a log with a key for cosignatures", "log {L2 as witness}\n" + logLine + single, atLeast(1, 1), true,
		but("torchwood", refused)},
	{"32 logs, 32 witnesses, 32 groups", many(), atLeast(2, 3), false, but("torchwood", never)},

	// what is not
	{"empty", "", nil, false, nil},
	{"no quorum", logLine + strings.ReplaceAll(single, "quorum a\n", ""), nil, false, nil},
	{"two quorums", logLine + single + "quorum none\n", nil, false, but(tesseras, taken)},
	{"the same quorum twice", logLine + single + "quorum a\n", nil, false, but(tesseras, taken)},
	{"a quorum that is not defined", logLine + "quorum a\n", nil, false, nil},
	{"a quorum defined below", logLine + "quorum a\nwitness a {W1} http://127.0.0.1:1/a\n", nil, false, but(notSigsum, taken)},
	{"a quorum without a name", logLine + "quorum\n", nil, false, nil},
	{"a quorum of two names", logLine + three + "quorum a b\n", nil, false, but("torchwood", taken)},
	{"a # after the quorum", logLine + strings.Replace(single, "quorum a", "quorum a # all", 1), nil, false, but(notSigsum, taken)},
	{"an unknown keyword", logLine + "cosigner x\n" + single, nil, false, nil},
	{"a keyword in capitals", logLine + "Witness b {W2} http://127.0.0.1:1/b\n" + single, nil, false, nil},
	{"a name twice", logLine + single + "witness a {W2} http://127.0.0.1:1/b\n", nil, false, nil},
	{"a group named as a witness", logLine + three + "group a any b c\nquorum a\n", nil, false, nil},
	{"a witness key twice", logLine + "witness b {W1} http://127.0.0.1:1/b\n" + single, nil, false, but(notSigsum, taken)},
	{"a log key twice", "log {L1}\n" + logLine + single, nil, false, but(notSigsum, taken)},
	{"a log without a key", "log\n" + single, nil, false, but(tesseras, taken)},
	{"a log with three words", "log {L1} https://a.example b\n" + single, nil, false, but(notSigsum, taken)},
	{"a witness without a key", logLine + "witness b\n" + single, nil, false, nil},
	{"a witness with five words", logLine + "witness b {W2} http://127.0.0.1:1/b c\n" + single, nil, false, but("torchwood", taken)},
	{"a witness named none", logLine + "witness none {W1} http://127.0.0.1:1/a\nquorum none\n", nil, false,
		but("torchwood sigsum-rs", taken)},
	{"none as a member", logLine + three + "group g any a none\nquorum g\n", nil, false, but("sigsum-go", taken)},
	{"a member that is not defined", logLine + three + "group g any a x\nquorum g\n", nil, false, nil},
	{"a member defined below", logLine + "group g any a\n" + strings.ReplaceAll(single, "quorum a", "quorum g"), nil, false, nil},
	{"a group in itself", logLine + three + "group g any a g\nquorum g\n", nil, false, nil},
	{"a member twice", logLine + three + "group g 2 a a\nquorum g\n", nil, false, but("torchwood tessera formats sigsum-rs", taken)},
	{"a member of two groups", logLine + three + "group g any a b\ngroup h any a c\ngroup q all g h\nquorum q\n", nil, false,
		but("torchwood tessera formats sigsum-rs", taken)},
	{"a group without members", logLine + three + "group g all\nquorum a\n", nil, false, but(tesseras, taken)},
	{"k is 0", logLine + three + "group g 0 a b c\nquorum g\n", nil, false, but("tessera formats sigsum-rs", taken)},
	{"k above n", logLine + three + "group g 4 a b c\nquorum g\n", nil, false, but("sigsum-rs", taken)},
	{"k below 0", logLine + three + "group g -1 a b c\nquorum g\n", nil, false, nil},
	{"k in hex", logLine + three + "group g 0x2 a b c\nquorum g\n", nil, false, nil},
	{"k beyond 64 bits", logLine + three + "group g 18446744073709551618 a b c\nquorum g\n", nil, false, nil},
	{"ANY in capitals", logLine + three + "group g ANY a b c\nquorum g\n", nil, false, nil},
	{"lines that end in CR LF", strings.ReplaceAll(logLine+single, "\n", "\r\n"), nil, false, but(anyAll, taken)},
	{"a form feed as a space", logLine + strings.Replace(single, "witness a", "witness\fa", 1), nil, false,
		but("torchwood tessera formats sigsum-rs", taken)},
	{"a NUL in a comment", "# \x00\n" + logLine + single, nil, false, but("torchwood tessera formats sigsum-rs", taken)},
	{"a DEL in a name", logLine + "witness a\x7f {W1} http://127.0.0.1:1/a\nquorum a\x7f\n", nil, false,
		but("torchwood tessera formats sigsum-rs", taken)},
	{"no newline at the end", strings.TrimSuffix(logLine+single, "\n"), nil, false, but(anyAll, taken)},
	{"a key whose id does not fit", logLine + strings.Replace(single, "{W1}", "x{W1}", 1), nil, false, but(tesseras, taken)},
	{"a witness with a log's type of key", logLine + "witness b {W2 as log} http://127.0.0.1:1/b\n" + single, nil, true, but(tesseras, taken)},
}

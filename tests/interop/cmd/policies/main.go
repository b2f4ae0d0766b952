// policies SAKSI MASKS [NAME=READER]...: one table of tlog-policy files, read by
// `saksi verify`, by torchwood and by Tessera, and by further READERs (sigsum's, which
// write keys in hex).  Each file is one that the specification allows, and then the
// same sets of cosignatures must be enough for everyone, or one that it does not.
// Where a stranger differs, the table says so, and it has to differ still.
//
//	READER FILE MASKS KEY...   prints "refused", or one 0 or 1 a mask: do the keys
//	                           (hex) of this mask's bits meet the quorum?
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"github.com/transparency-dev/formats/witness"
	"github.com/transparency-dev/tessera"
)

const (
	refused = "refused"
	taken   = "taken" // with whatever it makes of it
	never   = "never" // taken, and no set is enough
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

type reader struct {
	name string
	hex  bool // keys in hex, as sigsum has them
	read func(w *world, file string) string
}

// Ours: 0 the quorum is met, 4 it is not; 3 with the file's name: refused.
func bySaksi(saksi string) func(*world, string) string {
	return func(w *world, file string) string {
		bits := ""
		for i := range w.masks {
			cmd := exec.Command(saksi, "verify", w.pointFile(i), "--as", "checkpoint",
				"--trust", filepath.Dir(file))
			said, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				log.Fatal(err)
			}
			switch cmd.ProcessState.ExitCode() {
			case 0:
				bits += "1"
			case 4:
				bits += "0"
			case 1:
				bits += "-" // not the log's
			case 3:
				if strings.Contains(string(said), "/policy") {
					return refused
				}
				bits += "?"
			default:
				log.Fatalf("%s ended with %v: %s", saksi, err, said)
			}
		}
		return bits
	}
}

func byTorchwood(w *world, file string) string {
	policy, err := torchwood.ParsePolicy(must(os.ReadFile(file)))
	if err != nil {
		return refused
	}
	return w.bits(func(i int) bool {
		_, _, err := torchwood.VerifyCheckpoint(w.points[i], policy)
		return err == nil
	})
}

func byTessera(w *world, file string) string {
	group, err := tessera.NewWitnessGroupFromPolicy(must(os.ReadFile(file)))
	if err != nil {
		return refused
	}
	return w.bits(func(i int) bool { return group.Satisfied(w.points[i]) })
}

func byFormats(w *world, file string) string {
	group, err := witness.ParsePolicy(must(os.ReadFile(file)))
	if err != nil {
		return refused
	}
	return w.bits(func(i int) bool { return group.Satisfied(w.points[i]) })
}

func byProgram(program string) func(*world, string) string {
	return func(w *world, file string) string {
		args := append([]string{file, w.maskList()}, w.hexKeys...)
		out, err := exec.Command(program, args...).Output()
		if err != nil {
			log.Fatalf("%s: %v", program, err)
		}
		return strings.TrimSpace(string(out))
	}
}

// Readers that take everything alike, or nothing, judge nothing.
func awake(w *world, r *reader) {
	any, all := w.put(r, "any", anyOf), w.put(r, "all", allOf)
	nothing := w.put(r, "nothing", "this is no policy\n")
	if a, b := r.read(w, any), r.read(w, all); a == b || a == refused || b == refused {
		log.Fatalf("%s tells no difference between any and all: %s %s", r.name, a, b)
	}
	if r.read(w, nothing) != refused {
		log.Fatalf("%s takes what is no policy", r.name)
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("policies SAKSI MASKS [NAME=READER]...")
	}
	w := newWorld()
	for _, m := range strings.Split(os.Args[2], ",") {
		w.add(must(strconv.Atoi(m)))
	}
	defer os.RemoveAll(w.dir)
	readers := []*reader{{"saksi", false, bySaksi(os.Args[1])}, {"torchwood", false, byTorchwood},
		{"tessera", false, byTessera}, {"formats", false, byFormats}}
	for _, arg := range os.Args[3:] {
		name, program, _ := strings.Cut(arg, "=")
		readers = append(readers, &reader{name, true, byProgram(program)})
	}
	bad, differ := 0, 0
	for _, r := range readers {
		awake(w, r)
		alike := 0
		for n, c := range table {
			if r.hex && c.vkeysOnly {
				continue
			}
			got := r.read(w, w.put(r, strconv.Itoa(n), c.text))
			want := c.expect(w)
			if d, ok := c.differs[r.name]; ok {
				if got == want {
					fmt.Printf("%s: %s: no longer differs\n", r.name, c.name)
					bad++
				}
				differ++
				if want = d; want == taken && got != refused {
					want = got
				} else if want == never {
					want = strings.Repeat("0", len(w.masks))
				}
				fmt.Printf("difference: %s: %s\n", r.name, c.name)
			} else {
				alike++
			}
			if got != want {
				fmt.Printf("%s: %s: %s, not %s\n", r.name, c.name, got, want)
				bad++
			}
		}
		fmt.Printf("%s reads %d policies as the specification has them\n", r.name, alike)
	}
	if bad > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d policies, %d readers, %d sets of cosignatures, %d known differences\n",
		len(table), len(readers), len(w.masks), differ)
}

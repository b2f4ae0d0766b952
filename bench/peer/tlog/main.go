// tlog measures golang.org/x/mod/sumdb/tlog beside Saksi.
//
//	tlog tiles PUBLIC SIZE    the root from the level-0 tiles of a public folder
//	tlog entries PUBLIC SIZE  the root from its entry bundles
//	tlog proofs SIZE MS       microseconds for one CheckRecord and one CheckTree
//
// The root is computed in the fastest way that the module offers: a whole tile at a
// time by HashFromTile, without storing the hashes between; TreeHash then joins what
// is left at the right edge.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log"
	"math/rand"
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	of := func(t syscall.Timeval) float64 { return float64(t.Sec) + 1e-6*float64(t.Usec) }
	return of(u.Utime) + of(u.Stime)
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func path(dir, level string, n, w int64) string {
	t := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		t = fmt.Sprintf("x%03d/", n%1000) + t
	}
	p := dir + "/tile/" + level + "/" + t
	if w < width {
		p += fmt.Sprintf(".p/%d", w)
	}
	return p
}

// leaves gives the record hashes of tile n, one after the other.
func leaves(dir string, entries bool, n, w int64) []byte {
	if !entries {
		data := must(os.ReadFile(path(dir, "0", n, w)))
		if int64(len(data)) != w*tlog.HashSize {
			log.Fatal("a tile of another length")
		}
		return data
	}
	data := must(os.ReadFile(path(dir, "entries", n, w)))
	out := make([]byte, 0, width*tlog.HashSize)
	for ; w > 0; w-- {
		l := int(binary.BigEndian.Uint16(data))
		h := tlog.RecordHash(data[2 : 2+l])
		out = append(out, h[:]...)
		data = data[2+l:]
	}
	return out
}

// levels[i] has the hashes of tree level 8i that were computed so far.
func root(dir string, entries bool, size int64) tlog.Hash {
	var last []byte // the partial tile
	levels := [8][]byte{}
	for n := int64(0); n*width < size; n++ {
		w := min(width, size-n*width)
		data := leaves(dir, entries, n, w)
		if w < width {
			last = data
			break
		}
		up(&levels, 1, n, data)
	}
	r := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			level, n := tlog.SplitStoredHashIndex(x)
			first := n << (level % 8)
			t := tlog.Tile{H: 8, L: level / 8, N: first / width}
			data := last
			if t.L > 0 {
				data = levels[t.L][t.N*width*tlog.HashSize:]
			}
			t.W = min(width, len(data)/tlog.HashSize)
			out[i] = must(tlog.HashFromTile(t, data[:t.W*tlog.HashSize], x))
		}
		return out, nil
	})
	return must(tlog.TreeHash(size, r))
}

// up adds the root of the full tile n of the level below.
func up(levels *[8][]byte, l int, n int64, data []byte) {
	t := tlog.Tile{H: 8, L: l - 1, N: n, W: width}
	left := must(tlog.HashFromTile(t, data, tlog.StoredHashIndex(8*l-1, 2*n)))
	right := must(tlog.HashFromTile(t, data, tlog.StoredHashIndex(8*l-1, 2*n+1)))
	h := tlog.NodeHash(left, right)
	levels[l] = append(levels[l], h[:]...)
	if count := int64(len(levels[l]) / tlog.HashSize); count%width == 0 {
		up(levels, l+1, count/width-1, levels[l][(count-width)*tlog.HashSize:])
	}
}

func tell(name string, v []float64) {
	sort.Float64s(v)
	fmt.Printf("%s %.6g %.6g %.6g\n", name, v[len(v)/2], v[0], v[len(v)-1])
}

func proofs(size int64, each time.Duration) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = stored[x]
		}
		return out, nil
	})
	for i := range size {
		hs := must(tlog.StoredHashes(i, binary.LittleEndian.AppendUint64(nil, uint64(i)), reader))
		stored = append(stored, hs...)
	}
	head := must(tlog.TreeHash(size, reader))
	type proof struct {
		n, older int64
		leaf, at tlog.Hash
		in       tlog.RecordProof
		con      tlog.TreeProof
	}
	all := make([]proof, 512)
	r := rand.New(rand.NewSource(1))
	for i := range all {
		p := &all[i]
		p.n, p.older = r.Int63n(size), 1+r.Int63n(size-1)
		p.leaf = stored[tlog.StoredHashIndex(0, p.n)]
		p.in = must(tlog.ProveRecord(size, p.n, reader))
		p.con = must(tlog.ProveTree(size, p.older, reader))
		p.at = must(tlog.TreeHash(p.older, reader))
	}
	micros := func(check func(p *proof) error) float64 {
		began, calls := time.Now(), 0
		used := cpu()
		for time.Since(began) < each {
			for i := range all {
				if err := check(&all[i]); err != nil {
					log.Fatal(err)
				}
			}
			calls += len(all)
		}
		return (cpu() - used) / float64(calls) * 1e6
	}
	var a, b []float64
	for range 5 {
		a = append(a, micros(func(p *proof) error {
			return tlog.CheckRecord(p.in, size, head, p.n, p.leaf)
		}))
		b = append(b, micros(func(p *proof) error {
			return tlog.CheckTree(p.con, size, head, p.older, p.at)
		}))
	}
	tell("inclusion", a)
	tell("consistency", b)
}

func main() {
	log.SetFlags(0)
	switch what := strings.Join(os.Args[1:], " "); {
	case len(os.Args) == 4 && os.Args[1] == "proofs":
		size := must(strconv.ParseInt(os.Args[2], 10, 64))
		ms := must(strconv.Atoi(os.Args[3]))
		proofs(size, time.Duration(ms)*time.Millisecond)
	case len(os.Args) == 4 && (os.Args[1] == "tiles" || os.Args[1] == "entries"):
		size := must(strconv.ParseInt(os.Args[3], 10, 64))
		began := time.Now()
		h := root(os.Args[2], os.Args[1] == "entries", size)
		fmt.Printf("root %s seconds %.4f\n", hex.EncodeToString(h[:]), time.Since(began).Seconds())
	default:
		log.Fatalf("tlog: %q?", what)
	}
}

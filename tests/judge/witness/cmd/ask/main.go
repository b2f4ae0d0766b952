// ask plays a log: it keeps a tree with golang.org/x/mod/sumdb/tlog, posts real
// add-checkpoint requests to a witness and lets filippo.io/torchwood verify what
// comes back.  Before any cosignature counts, damaged copies of it must fail.
//
//	ask vkey                 the log's verifier key
//	ask run URL WITNESSVKEY
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "judge.example/log"

// A fixed seed: the same tree and the same requests every time.
func logKey() (skey, vkey string) {
	pub := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	key := append([]byte{1}, pub.Public().(ed25519.PublicKey)...)
	h := sha256.Sum256(append([]byte(origin+"\n"), key...))
	id := hex.EncodeToString(h[:4])
	skey = "PRIVATE+KEY+" + origin + "+" + id + "+" +
		base64.StdEncoding.EncodeToString(append([]byte{1}, pub.Seed()...))
	vkey = origin + "+" + id + "+" + base64.StdEncoding.EncodeToString(key)
	return
}

type tree struct{ hashes []tlog.Hash }

func (t *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = t.hashes[n]
	}
	return out, nil
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func (t *tree) add(n int64, data string) {
	t.hashes = append(t.hashes, must(tlog.StoredHashes(n, []byte(data), t))...)
}

func (t *tree) checkpoint(size int64) []byte {
	root := must(tlog.TreeHash(size, t))
	skey, _ := logKey()
	signer := must(note.NewSigner(skey))
	text := torchwood.Checkpoint{Origin: origin, Tree: tlog.Tree{N: size, Hash: root}}.String()
	return must(note.Sign(&note.Note{Text: text}, signer))
}

func (t *tree) request(old, size int64) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	if old > 0 {
		for _, h := range must(tlog.ProveTree(size, old, t)) {
			fmt.Fprintln(&b, h)
		}
	}
	b.WriteString("\n")
	b.Write(t.checkpoint(size))
	return b.Bytes()
}

func post(url string, body []byte) (int, string, []byte) {
	r := must(http.Post(url+"/add-checkpoint", "text/plain", bytes.NewReader(body)))
	defer r.Body.Close()
	return r.StatusCode, r.Header.Get("Content-Type"), must(io.ReadAll(r.Body))
}

func expect(what string, ok bool) {
	if !ok {
		log.Fatalf("FALSE: %s", what)
	}
}

// Does the note verify for this one key?
func opens(signed []byte, v note.Verifier) bool {
	n, err := note.Open(signed, note.VerifierList(v))
	return err == nil && len(n.Sigs) == 1 && n.Sigs[0].Hash == v.KeyHash()
}

// The judge first: it has to refuse every damaged copy.
func damaged(signed []byte, lines []byte, v note.Verifier) {
	line := bytes.TrimSuffix(lines, []byte("\n"))
	at := bytes.LastIndexByte(line, ' ') + 1
	raw := must(base64.StdEncoding.DecodeString(string(line[at:])))
	for i := range raw {
		for bit := range 8 {
			bad := bytes.Clone(raw)
			bad[i] ^= 1 << bit
			copy := append(bytes.Clone(signed), line[:at]...)
			copy = append(copy, base64.StdEncoding.EncodeToString(bad)...)
			copy = append(copy, '\n')
			if opens(copy, v) {
				log.Fatalf("the judge takes a cosignature with bit %d of byte %d changed", bit, i)
			}
		}
	}
	other := append(bytes.Replace(signed, []byte(origin), []byte("Judge.example/log"), 1), lines...)
	expect("the judge refuses a cosignature of another checkpoint", !opens(other, v))
}

func run(url, vkey string) {
	v := must(torchwood.NewCosignatureVerifier(vkey))
	truth, lie := &tree{}, &tree{}
	for i := range int64(1200) {
		truth.add(i, fmt.Sprint("entry ", i))
		lie.add(i, fmt.Sprint("entry ", i%500))
	}
	monitor := fmt.Sprintf("%s/%x/checkpoint", url, sha256.Sum256([]byte(origin)))
	r := must(http.Get(monitor))
	r.Body.Close()
	expect("404 before the first", r.StatusCode == 404)
	held := int64(0)
	for _, size := range []int64{1, 2, 3, 3, 255, 256, 257, 511, 512, 513, 1000, 1000, 1024} {
		status, _, lines := post(url, truth.request(held, size))
		expect(fmt.Sprintf("200 for %d -> %d, not %d %s", held, size, status, lines), status == 200)
		damaged(truth.checkpoint(size), lines, v)
		expect(fmt.Sprintf("cosignature over size %d", size),
			opens(append(truth.checkpoint(size), lines...), v))
		held = size
		r := must(http.Get(monitor))
		body := must(io.ReadAll(r.Body))
		r.Body.Close()
		_, logVkey := logKey()
		n, err := note.Open(body, note.VerifierList(v, must(note.NewVerifier(logVkey))))
		expect("the monitoring checkpoint verifies for both keys",
			r.StatusCode == 200 && err == nil && len(n.Sigs) == 2 &&
				bytes.Contains(body, lines))
	}
	for _, old := range []int64{0, 1, 1023, 1025} {
		status, kind, body := post(url, truth.request(min(old, 1030), 1030))
		expect(fmt.Sprintf("409 from %d", old), status == 409 &&
			kind == "text/x.tlog.size" && string(body) == "1024\n")
	}
	refuse := func(what string, want int, body []byte) {
		status, _, got := post(url, body)
		expect(fmt.Sprintf("%s: %d, not %d", what, want, status), status == want)
		expect(what+": no signature", !bytes.Contains(got, []byte("—")))
	}
	refuse("another history", 422, lie.request(1024, 1100))
	refuse("another root", 422, lie.request(1024, 1024))
	refuse("old above the size", 400, bytes.Replace(truth.request(1023, 1023),
		[]byte("old 1023"), []byte("old 1024"), 1))
	good := truth.request(1024, 1100)
	refuse("another origin", 404, bytes.Replace(good, []byte(origin+"\n"), []byte("x\n"), 1))
	refuse("a changed size", 403, bytes.Replace(good, []byte("\n1100\n"), []byte("\n1101\n"), 1))
	refuse("no empty line", 400, bytes.Replace(good, []byte("\n\n"), []byte("\n"), 1))
	refuse("a leading zero", 400, bytes.Replace(good, []byte("old "), []byte("old 0"), 1))
	first := strings.Index(string(good), "\n") + 1
	refuse("a proof line less", 422, append([]byte("old 1024\n"),
		good[first+strings.Index(string(good[first:]), "\n")+1:]...))
	status, _, _ := post(url, good)
	expect("and the good one after all of them", status == 200)
}

func main() {
	log.SetFlags(0)
	switch {
	case len(os.Args) == 2 && os.Args[1] == "vkey":
		_, vkey := logKey()
		fmt.Println(vkey)
	case len(os.Args) == 4 && os.Args[1] == "run":
		run(os.Args[2], os.Args[3])
	default:
		log.Fatal("ask vkey | ask run URL WITNESSVKEY")
	}
}

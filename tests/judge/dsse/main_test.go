package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

const vectors = "../../vectors"

// The committed vectors are what this program writes.
func TestVectorsAreOurs(t *testing.T) {
	dir := t.TempDir()
	if err := writeVectors(dir); err != nil {
		t.Fatal(err)
	}
	made, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(made) != 6 {
		t.Fatalf("%d vectors", len(made))
	}
	for _, path := range made {
		got, _ := os.ReadFile(path)
		want, err := os.ReadFile(filepath.Join(vectors, filepath.Base(path)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs", filepath.Base(path))
		}
	}
}

// The judge accepts what is true and nothing else.
func TestJudge(t *testing.T) {
	path := filepath.Join(vectors, "statement-go-one.dsse")
	right, wrong := []dsse.Verifier{seeded(1)}, []dsse.Verifier{seeded(2)}
	if err := judge(path, false, right); err != nil {
		t.Fatal(err)
	}
	if judge(path, false, wrong) == nil {
		t.Error("another key is accepted")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(text, right); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte(`"sig":"`)) + 7
	for i := range 80 {
		bad := bytes.Clone(text)
		if bad[at+i] == 'A' {
			bad[at+i] = 'B'
		} else {
			bad[at+i] = 'A'
		}
		if _, err := verify(bad, right); err == nil {
			t.Errorf("digit %d of the signature can be changed", i)
		}
	}
}

// Every example of docs/formats/statements.md is an in-toto Statement v1.
func TestExamples(t *testing.T) {
	kinds := []string{"keys", "inventory", "plan", "audit", "abandoned", "observation",
		"disclosure", "extension", "acceptance", "heartbeat"}
	for _, kind := range kinds {
		payload, err := os.ReadFile(filepath.Join(vectors, "statement-"+kind+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := checkStatement(payload); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		bad := bytes.Replace(payload, []byte("Statement/v1"), []byte("Statement/v0"), 1)
		if checkStatement(bad) == nil {
			t.Errorf("%s: another type is accepted", kind)
		}
	}
}

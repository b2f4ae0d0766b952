// Reads what a server answers for /metrics as Prometheus does, and has it linted;
// reads alert rules as Prometheus does, and sees whether every metric they name is
// one that some server has.
//
//	metrics FILE...             exposition format 0.0.4, parsed and linted
//	metrics --rules RULES FILE...  also the rules, against all of the files
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

var bad = false

func fault(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
	bad = true
}

func exposition(file string, names map[string]bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		fault("%v", err)
		return
	}
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		fault("%s: %v", file, err)
		return
	}
	for name, f := range families {
		names[name] = true
		if f.GetType().String() == "HISTOGRAM" {
			for _, end := range []string{"_bucket", "_sum", "_count"} {
				names[name+end] = true
			}
		}
	}
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil {
		fault("%s: %v", file, err)
	}
	for _, q := range problems {
		fault("%s: %s: %s", file, q.Metric, q.Text)
	}
	if len(families) < 10 {
		fault("%s: only %d families", file, len(families))
	}
}

func rules(file string, names map[string]bool) {
	groups, errs := rulefmt.ParseFile(file, false, model.LegacyValidation)
	for _, err := range errs {
		fault("%v", err)
	}
	if groups == nil {
		return
	}
	count := 0
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			count++
			e, err := parser.ParseExpr(r.Expr)
			if err != nil {
				fault("%s: %s: %v", file, r.Alert, err)
				continue
			}
			parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
				if v, ok := n.(*parser.VectorSelector); ok && v.Name != "up" && !names[v.Name] {
					fault("%s: %s: no server has %s", file, r.Alert, v.Name)
				}
				return nil
			})
		}
	}
	fmt.Printf("%s: %d rules read\n", file, count)
}

func main() {
	args, file := os.Args[1:], ""
	if len(args) > 1 && args[0] == "--rules" {
		file, args = args[1], args[2:]
	}
	names := map[string]bool{}
	for _, a := range args {
		exposition(a, names)
	}
	if file != "" {
		rules(file, names)
	}
	fmt.Printf("%s: %d names\n", strings.Join(args, " "), len(names))
	if bad {
		os.Exit(1)
	}
}

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/words"
)

func (a *app) textsCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "texts", Short: "What people read in text messages, and what they text to us"}
	var show bool
	lint := &cobra.Command{
		Use:   "lint [FILE…]",
		Short: "Say what is wrong with a catalogue of texts, with the text and the line; exit 1 if something is",
		Long: `Try every wording of every text of a catalogue with short, usual and long names and with much unknown: whether it says what matters,
fits into one text message, keeps to its alphabet, and carries no link and no word that providers take as a command.
Without a file the languages of the program itself are tried. docs/translating.md says how a catalogue is written.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return lintTexts(a.out, args, show) },
	}
	lint.Flags().BoolVar(&show, "show", false, "also print every text as it would be sent")
	cmd.AddCommand(lint, a.correctCmd(), a.textsFetchCmd())
	return cmd
}

func lintTexts(out io.Writer, files []string, show bool) error {
	found := false
	said := func(name string, wrong []error) {
		for _, err := range wrong {
			_, _ = fmt.Fprintln(out, err)
		}
		if len(wrong) == 0 {
			_, _ = fmt.Fprintf(out, "%s: all well\n", name)
		}
		found = found || len(wrong) > 0
	}
	if len(files) == 0 {
		all := words.Builtin()
		for _, lang := range all.Languages() {
			if show {
				showTexts(out, all, lang)
			}
			said(string(lang), all.Lint(lang))
		}
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		all, lang, err := words.Read(file, content)
		if err != nil {
			said(file, []error{err})
			continue
		}
		if show {
			showTexts(out, all, lang)
		}
		said(file, all.Lint(lang))
	}
	if found {
		return errFound
	}
	return nil
}

func showTexts(out io.Writer, all *words.Catalogues, lang booking.Lang) {
	for _, c := range all.Samples(lang) {
		text, err := all.Render(c.Kind, lang, c.Data)
		if err != nil {
			text = err.Error()
		}
		_, _ = fmt.Fprintf(out, "%s\n  %s\n", c.Name, text)
	}
}

package store

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFoldingMakesVariantsOfAWordOne(t *testing.T) {
	for _, pair := range [][2]string{
		{"ÄPFEL", "äpfel"},
		{"ÄPFEL", "apfel"},
		{"ПРИВЕТ", "привет"},
		{"İZMİR", "izmir"},
		{"ISPARTA", "ısparta"},
		{"Straße", "STRASSE"},
		{"ΣΊΣΥΦΟΣ", "σισυφος"},
		{"مَرحبا", "مرحبا"},
		{"أحمد", "احمد"},
		{"مـــرحبا", "مرحبا"},
		{"Łódź", "lodz"},
		{"Ørsted", "orsted"},
		{"Élodie", "élodie"},
		{"ﬁsh", "fish"},
		{"ＡＢＣ１２３", "abc123"},
		{"orçamento", "ORCAMENTO"},
		{"ﾊﾟﾝ", "パン"},
		{"한", "한"},
		{"ёлка", "елка"},
		{"שָׁלוֹם", "שלום"},
		{"👍🏽", "👍"},
		{"soft\u00adhyphen", "softhyphen"},
		{"می\u200cخواهم", "ميخواهم"},
	} {
		if Fold(pair[0]) != Fold(pair[1]) {
			t.Errorf("%s is %q, %s is %q", pair[0], Fold(pair[0]), pair[1], Fold(pair[1]))
		}
	}
}

func TestFoldingCutsTextIntoWords(t *testing.T) {
	for text, folded := range map[string]string{
		"":                     "",
		"  Hello,   World ":    "hello world",
		"foo-bar":              "foo bar －",
		"c++":                  "c ＋",
		"what's up":            "what s up",
		"会议明天三時":               "会 议 明 天 三 時",
		"안녕하세요":                "안 녕 하 세 요",
		"สวัสดี":               "ส ว ั ส ด ี",
		"ok👍🏽go":               "ok 👍 go",
		"👩‍👩‍👧":                "👩 👩 👧",
		":)":                   "：）",
		"so :) and :) again":   "so and again ：）",
		"55%OFF x_yq":          "55 off x yq ％ ＿",
		`"`:                    "＂",
		"what!!! no!":          "what no ！",
		"नमस्ते":               "नमस्ते",
		"a\x00b\ufffdc":        "a b c",
		"tab\tline\nend":       "tab line end",
		"3.50€":                "3 50 €",
		"İstanbul'da":          "istanbul da",
		"Iñtërnâtiônàlizætiøn": "internationalizaetion",
	} {
		if got := Fold(text); got != folded {
			t.Errorf("%q: got %q, want %q", text, got, folded)
		}
	}
}

func TestAVeryLongWordIsCutTheSameWayOnBothSides(t *testing.T) {
	long := strings.Repeat("Ä", 1000)
	if Fold(long) != strings.Repeat("a", maxToken) {
		t.Errorf("%q", Fold(long))
	}
}

func TestEveryCharacterFoldsToWhatFoldsToItself(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		once := Fold("a" + string(r) + "b")
		if twice := Fold(once); twice != once {
			t.Errorf("%U folds to %q, and that to %q", r, once, twice)
		}
	}
}

func FuzzFolding(f *testing.F) {
	for _, seed := range []string{"Straße ΣΊΣΥΦΟΣ", "會议 안녕 สวัสดี", "👍🏽 ok", "مَرحبا", ":) c++ \"", "\xff\xfe", "ﷺ½™", "ก\u0e33", "e\u0301\u0302", filterMark + "c1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Fold(text)
		if !utf8.ValidString(once) {
			t.Errorf("%q folds to invalid %q", text, once)
		}
		if twice := Fold(once); twice != once {
			t.Errorf("%q folds to %q, and that to %q", text, once, twice)
		}
		if strings.ContainsAny(once, "\"\x00\n"+filterMark) || strings.Contains(once, "  ") {
			t.Errorf("%q folds to %q", text, once)
		}
		words, signs := tokenize(compose(text))
		for _, found := range append(words, signs...) {
			if found.text == "" || found.start >= found.end || found.end > len(compose(text)) {
				t.Errorf("%q has the token %+v", text, found)
			}
		}
	})
}

package sms

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"jari/booking/desk"
)

// agreeKorean and agreeEnglish are what people say who take a question of ours for one that yes answers, in both languages; thanks alone are none.
const (
	agreeKorean  = `네|넵|넷|예|옙|넹|응|어|그래|그래요|맞습니다|맞아요|맞아|맞음|그렇습니다|본인|본인입니다|본인이에요|본인이예요|본인이요|저예요|저에요|접니다|제가|저|알겠습니다|알겠어요|알았습니다|알았어요|알았어|좋아요|좋습니다|갈게요|갈께요|가겠습니다|갑니다`
	agreeEnglish = `yes|yeah|yep|yup|ok|okay|sure|correct|right|fine|it is me|its me|this is me|thats me|that is me|i am|i will come|i will be there|ill be there|ill come`
)

// sayAlreadyKorean and sayAlreadyEnglish are the offer's third answer in words.
const (
	sayAlreadyKorean  = `(?:이미|벌써|전에|먼저)(?:다른데서|다른곳에서|다른번호로|다른전화로)?(?:예약|신청|접수)(?:을|를|이|은)?(?:다)?(?:했|하였|돼|되어|됐|되었)(?:있)?(?:어|어요|습니다|는데|는데요|음)`
	sayAlreadyEnglish = `(?:i am |im |i have |ive |i )?already (?:booked|registered|have (?:an appointment|a booking|one)|got (?:an appointment|one))`
)

var (
	alreadyKorean  = regexp.MustCompile(`^(?:네|저는|저|제가|전|나는)*` + sayAlreadyKorean + `$`)
	alreadyEnglish = regexp.MustCompile(`^(?:sorry )?` + sayAlreadyEnglish + `$`)
)

var (
	agreesKorean  = regexp.MustCompile(`^(?:` + agreeKorean + `)(?:` + agreeKorean + `|` + courtesyWords + `)*$`)
	agreesEnglish = regexp.MustCompile(`^(?:` + agreeEnglish + `)(?: (?:` + agreeEnglish + `|please|thanks|thank|you|thx))*$`)
)

// agrees reports whether a text says in words what an answer number of ours says, yes or already booked, and nothing else.
func agrees(text string) bool {
	u := utter(text)
	return agreesKorean.MatchString(u.plain) || agreesEnglish.MatchString(u.words) ||
		alreadyKorean.MatchString(u.plain) || alreadyEnglish.MatchString(u.words)
}

// again is what we say to such a text, which must be legible. It answers nothing, because a text's origin can be forged and a number cannot be guessed as easily; but
// whoever says it thinks to have answered, and silence would leave them in the dark. Nothing is said where no question waits.
func (d *Door) again(ctx context.Context, c *desk.Campaign, in desk.Inbound, text string, v desk.Conversation, known memory) ([]desk.Message, error) {
	if !agrees(text) {
		return nil, nil
	}
	replies, err := d.desk.AskAgainByText(ctx, c, in, underway(v, known))
	if err != nil {
		return nil, fmt.Errorf("ask once more by text: %w", err)
	}
	return replies, nil
}

func underway(v desk.Conversation, known memory) desk.Underway {
	u := desk.Underway{Begun: known.State.Begun, Place: !v.Used}
	if u.Begun {
		u.Place = known.State.Region == ""
		if len(known.Times) > 0 { // what was asked before was about somebody else
			u.Since = time.UnixMicro(known.Times[0])
		}
	}
	return u
}

// unclear answers a text whose words say something else than its number: "1번 못가요" to "오시면1". It changes nothing. failed is why that could not be found out.
func (d *Door) unclear(ctx context.Context, c *desk.Campaign, in desk.Inbound, q desk.Question, a answer, v desk.Conversation, known memory, failed error) error {
	if failed != nil {
		return fmt.Errorf("compare the words of an answer with its number: %w", failed)
	}
	replies, err := d.desk.AskOnceMoreByText(ctx, c, in, q, a.says, underway(v, known), languageOf(c.Campaign, known.State, legible(in.Body)))
	if err != nil {
		return fmt.Errorf("ask once more by text: %w", err)
	}
	return d.finish(ctx, in, nil, replies, Intent{Act: Answer})
}

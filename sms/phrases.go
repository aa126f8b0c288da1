package sms

import (
	"regexp"

	"jari/booking"
	"jari/booking/desk"
)

var (
	stopPhrases = regexp.MustCompile(`^(?:문자|메시지|메세지|연락|안내)?(?:를|을|는|은)?(?:수신(?:거부|중지|차단)|(?:이제|더|더이상)?(?:그만(?:보내|보내요|보내세요|보내주세요|좀보내세요)|(?:보내지(?:마|말아)(?:요|세요|주세요|십시오)?)))` + polite + `$|^무료수신거부$`)
	// The way back, for whoever does not know the provider's word for it.
	startPhrases = regexp.MustCompile(`^` + lead + `(?:` + startKorean + `)` + polite + `$`)
	startWholly  = regexp.MustCompile(`^(?:please )?(?:i want |i would like |id like )?(?:to )?(?:` + startEnglish + `)(?: please)?$`)
	stopEnglish  = regexp.MustCompile(`^(?:please )?(?:stop (?:texting|messaging|sending)(?: me)?(?: texts| messages)?|(?:do not|dont) text me(?: again| any more| anymore)?|no more (?:texts|messages)|unsubscribe me)(?: please)?$`)
)

const (
	startKorean = `(?:문자|메시지|메세지|연락|안내|안내문자)?(?:를|을|는|은|도)?다시(?:문자)?(?:를|을)?(?:받(?:을게요|을께요|을래요|고싶어요|고싶습니다|고싶은데요|겠습니다|겠어요|을수있나요|을수있을까요|게|아볼게요))|` +
		`수신(?:동의|허용|재개|거부(?:를)?(?:해제|취소|풀어|풀래요|풀게요))`
	startEnglish = `(?:start|resume|get|receive) (?:texting me|texts|messages|your texts|your messages|the texts|the messages)(?: again)|text me again|resubscribe(?: me)?|opt in`
)

// What politeness and grammar add to a Korean word that says what to do.
const polite = `(?:이|을|를|은|는|도|좀|요|이요|이에요|예요|입니다|인데요|해|해요|해주세요|해주셔요|해주십시오|해주시겠어요|해주실래요|해주실수있나요|해주실수있을까요|해주시면|해주시길|해줘|해줘요|해줄래요|` +
	`할게요|할께요|할래요|할게|할래|하겠습니다|하겠어요|하고싶어요|하고싶습니다|하고싶은데|하고싶은데요|하려고요|하려고해요|하려고합니다|하려구요|합니다|할수있나요|할수있을까요|할수있어요|하나요|하죠|` +
	`해도되나요|해도될까요|가능|가능한가요|가능할까요|가능해요|되나요|될까요|돼요|되요|됩니까|부탁|부탁해요|부탁드려요|부탁드립니다|부탁드릴게요|부탁합니다|바랍니다|바라요|원해요|원합니다|필요해요|필요합니다|주세요|감사합니다|감사해요|고맙습니다)*`

// Excuses and the like in front of what somebody wants.
const lead = `(?:안녕하세요|안녕하십니까|여보세요|저기요|저기|죄송합니다|죄송하지만|죄송한데|죄송한데요|죄송해요|미안합니다|미안하지만|미안한데|미안해요|저|저는|저도|제가|전|나|나는|내가|그냥|아무래도|혹시|네|예|아니요|` +
	`사정이생겨서?|사정이있어서?|사정상|급한일이생겨서?|급한일로|급한일이있어서?|일이생겨서?|일이있어서?|몸이아파서?|몸이안좋아서?|아파서|바빠서|갑자기|` +
	`그날은?|그날에는?|이날은?|그시간에?는?|그때는?|그날짜에?는?|이번에?는?|이번주는?|오늘은?|내일은?|모레는?)*`

// phrase is a set phrase in one or both languages, whole: a word in the middle of something else is none.
type phrase struct {
	korean, english *regexp.Regexp
	want            desk.Want
}

func ko(s string) *regexp.Regexp {
	return regexp.MustCompile(`^` + lead + `(?:` + s + `)` + polite + `$`)
}
func en(s string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:(?:hi|hello|please|pls|sorry|no|ok|i am|im|i|we|could you|can you|would you|id like to|i would like to|i want to|i have to|i need to|let me) )*(?:` + s + `)(?: (?:please|pls|thanks|thank you|now))*$`)
}

// phrases are read in this order: the first that fits counts.
var phrases = []phrase{
	{ko(`영어(?:로|로는|로도|로만)?(?:보내|말|안내|써|바꿔|변경)?|잉글리시|영문(?:으로)?`), en(`english|in english|english only|speak english|use english|(?:text|write)(?: to)?(?: me)? in english|switch to english|change (?:the )?language to english`), desk.Want{Do: desk.DeedLang, Lang: booking.English}},
	{ko(`한국어(?:로|로는|로도|로만)?(?:보내|말|안내|써|바꿔|변경)?|한국말(?:로)?(?:보내|말|안내|써)?|한글(?:로)?(?:보내|안내|써)?|우리말(?:로)?`), en(`korean|in korean|korean only|speak korean|use korean|(?:text|write)(?: to)?(?: me)? in korean|switch to korean|change (?:the )?language to korean`), desk.Want{Do: desk.DeedLang, Lang: booking.Korean}},
	{ko(`(?:9번?)?` + notMeKorean), en(`(?:9 )?(?:` + notMeEnglish + `)(?: here)?(?: sorry)?`), desk.Want{Do: desk.DeedNotMe}},
	{ko(`(?:사람|상담|상담원|상담사|직원|담당자|안내원|선생님|공무원)(?:하고|이랑|랑|과|와|을|를|에게|한테|님)?(?:직접)?(?:통화|연결|상담|전화|바꿔|말|얘기|이야기|대화)?(?:을|를)?(?:하고싶|시켜|해)?|` +
		`(?:통화|전화상담|전화연결|전화|콜백|전화통화)(?:를|을|로)?(?:좀|꼭|다시|한번|한통)?(?:걸어|달라|줘|줘요|줄래요|주실수있나요|주십시오|줄수있나요|주시겠어요|주시면)?|` +
		`(?:사람|책임자|담당자|직원|상담원|상담사|관리자|윗사람)(?:을|를|좀|이|가)*(?:불러|나와|나오세요|나오라고|바꿔)(?:라|봐|보세요)?|책임자|(?:통화|말씀)(?:을|를)?(?:드리|나누)고싶(?:어요|습니다)|말로(?:하고싶어요|할래요)|문자(?:는|를)?(?:못해요|못합니다|어려워요|어렵습니다|잘못해요|할줄몰라요)`),
		en(`call me(?: back)?|call back|(?:give me a|phone|ring) ?(?:call|me)|give me a ring|(?:talk|speak)(?: to| with) (?:a |an |some)?(?:person|human|someone|somebody|one|agent|operator|staff|representative)|(?:talk|speak)(?: to| with) (?:your |the |a )?(?:manager|supervisor|boss)|(?:a )?(?:person|human|agent|operator|representative|real person)|somebody to talk to|someone to talk to|need (?:a )?(?:person|human|call)`), desk.Want{Do: desk.DeedCall}},
	{ko(`(?:문자|메시지|메세지|안내|안내문자|내용|번호|그거|아까그거|아까문자|아까보낸거)?(?:를|을|는|은)?(?:다시|재|한번더|다시한번|한번만더|또)(?:한번|좀)?(?:보내|보내줘|보내줘요|보내주십시오|보내주시겠어요|보내줄래요|보내주실수있나요|발송|전송|알려|알려줘|알려줘요|말해|말씀해)?|` +
		`(?:문자|메시지|메세지|안내|답장|연락|답)(?:가|이|를|을|은|는)?(?:아직)?(?:안왔어요|안왔습니다|안와요|안옵니다|못받았어요|못받았습니다|지웠어요|지웠습니다|지워졌어요|없어졌어요|잃어버렸어요|오지않아요|오지않았어요)|못받았어요|못받았습니다|` + startKorean),
		en(`(?:send|text|say|tell me)(?: it| that| this| me| the text| the message)*(?: once)? (?:again|once more)|again|once more|resend(?: it| that| the text| the message)?|repeat(?: it| that)?|(?:did not|didnt) (?:get|receive) (?:it|that|the text|your text|a text|the message|anything)|(?:lost|deleted) (?:it|the text|your text|the message)|` + startEnglish), desk.Want{Do: desk.DeedResend}},
	{ko(`(?:도우미|보호자|대리인|대신받는사람|함께받는사람)(?:를|을|는|은|도)?(?:빼|빼줘|빼줘요|빼주십시오|삭제|해제|취소|그만|없애|지워|제외|필요없어요|필요없습니다|안할래요|안할게요|그만할래요|그만둘게요|끊어)|(?:아들|딸|며느리|사위|손자|손녀|가족)(?:은|는|이|에게|한테)?(?:이제|더)?(?:문자)?(?:못받게|안받게|안보내도|그만보내|받지않게|빼)`),
		en(`(?:remove|delete|drop|end|take out)(?: my| the)? helper|no(?: more)? helper|without(?: a)? helper`), desk.Want{Do: desk.DeedNoHelper}},
	{ko(`(?:그냥)?(?:지금|원래|있던|기존|처음)?(?:시간|예약|날짜|것|거)?(?:을|를|은)?(?:그대로|그냥그대로)(?:둘게요|둘께요|두세요|두겠습니다|놔두세요|놔둬요|갈게요|가겠습니다|유지)?|(?:시간|날짜|예약|일정)?(?:을|를)?(?:변경|교환)(?:을|은)?(?:취소|안할래요|안할게요|안합니다|안해도|하지않을게요|하지않겠습니다|필요없어요|그만)|(?:시간|날짜|예약)?(?:을|를|은)?(?:안바꿀래요|안바꿀게요|안바꿀께요|안바꿉니다|바꾸지않을게요|바꾸지않을래요|바꾸지않겠습니다|안바꿔도돼요|안바꿔도됩니다|바꾸지마세요|안옮길래요)`),
		en(`keep (?:it|my time|my appointment|the time|the appointment|this|what i have)(?: as it is)?|leave it(?: as it is)?|(?:do not|dont) (?:change|move|swap)(?: it| my time| my appointment| the time)?|no (?:change|swap)`), desk.Want{Do: desk.DeedKeep}},
	{ko(`(?:예약)?(?:신청|접수|등록|전체|전부|모두|모든것|모든예약|전부다)(?:을|를|은|도)?(?:다|모두|전부|아예|그냥|자체를)?(?:취소|철회|포기|삭제|빼|없던일로|안할래요|안할게요|안합니다|안하겠습니다|그만)|아예취소|완전취소|다취소|신청철회|철회|탈퇴|순번(?:을|도)?포기|(?:접종|검사|백신)(?:은|을|를)?(?:안맞을래요|안맞을게요|안맞겠습니다|안받을래요|안받을게요|안받겠습니다|안할래요|안할게요|안하겠습니다)|안맞을래요|안맞을게요|안맞겠습니다`),
		en(`withdraw(?: me| my application| my registration| everything| all)?|cancel (?:my |the )?(?:application|registration|everything|all)(?: of it)?|(?:remove|delete) (?:me|my application|my registration)(?: from the list)?|take me off(?: the list| your list)?|(?:do not|dont) want (?:it|this|an appointment|the vaccine)(?: any more| anymore)?`), desk.Want{Do: desk.DeedWithdraw}},
	{ko(diedKorean), en(diedEnglish), desk.Want{Do: desk.DeedWithdraw}},
	{ko(cancelKorean), en(cancelEnglish), desk.Want{Do: desk.DeedCancel}},
	{ko(doneKorean), en(doneEnglish), desk.Want{Do: desk.DeedCancel}},
	{ko(unsuitedKorean), en(unsuitedEnglish), desk.Want{Do: desk.DeedSwap}},
}

// "I cannot come" and "cancel" do not say whether the place is given up, too: that is asked.
const cancelKorean = `(?:예약|시간|날짜|약속|접종|검사|진료|예약시간|예약한것|예약한거|이거|그거|이것|그것)*(?:을|를|은|는|에|에는|도)?(?:` +
	`취소(?:요청|신청|하려면|는|를)?(?:어떻게|방법)?|어떻게취소|못(?:가|가요|갑니다|가겠어요|가겠습니다|가겠네요|가게됐어요|가게됐습니다|가게되었어요|가게되었습니다|가네요|가는데|가는데요|가게생겼어요|가세요|가십니다|가셔요|가신대요|가신답니다|가실것같아요|가실것같습니다|와요|나가요|갈것같아요|갈것같습니다|갈거같아요|갈듯해요|갈듯합니다|가서)|` +
	`안(?:가요|갈래요|갈게요|갈께요|갑니다|가겠습니다|갈거예요|갈겁니다)|갈수(?:가)?없(?:어요|습니다|네요|을것같아요|을것같습니다|게됐어요|게되었습니다)|가지못(?:해요|합니다|할것같아요|할것같습니다|하겠습니다)|` +
	`참석(?:을|이)?(?:못해요|못합니다|어려워요|어렵습니다|불가|못하겠어요)|사양|포기|(?:가기|오기)?(?:가)?(?:어렵겠어요|어렵겠습니다|어려울것같아요|어려울것같습니다|힘들것같아요|힘들것같습니다)|안되겠어요|안되겠습니다|(?:시간이)?안(?:돼요|됩니다|되요|될것같아요))`

const cancelEnglish = `(?:cannot|cant|can not|could not|wont|will not|not able to|unable to) (?:come|make it|go|attend|be there|keep (?:it|my appointment|the appointment))(?: (?:today|tomorrow|then|at that time|that day|on that day|to my appointment|to it))*|` +
	`(?:cancel|decline|give up|give back|call off|drop)(?: (?:it|this|that|my|the|this|appointment|booking|time|slot|reservation|back))+|cancel please|decline|give it back|not coming|how (?:do i|can i|to) cancel(?: it| my appointment)?`

// Somebody died. The family is asked whether the application shall end, and of several people whose.
const (
	diedKorean = `(?:어제|오늘|그저께|그제|지난주에?|지난달에?|얼마전에?|며칠전에?|올해|작년에?|이미|벌써|방금|갑자기)*(?:돌아가셨|돌아가시었|사망하셨|사망했|사망하였|별세하셨|별세했|작고하셨|세상(?:을)?(?:떠나셨|뜨셨)|하늘나라(?:로|에)?가셨)(?:어요|습니다|는데요|는데|네요|다|어|음|답니다|대요)?`

	diedEnglish = `(?:(?:she|he) )?(?:has |have |just )*(?:passed away|died|is dead|is deceased)(?: (?:yesterday|today|last (?:week|month|night)))?`
)

// Somebody needs no appointment any more, because it is done. Whether the place is given up, too, is asked, as of whoever cannot come.
const (
	doneKorean = `(?:이미|벌써|다른데서|다른곳에서|딴데서|동네병원에서|병원에서|보건소에서)+(?:다)?(?:주사|백신|접종)?(?:를|을)?(?:다)?(?:맞았|맞으셨|맞고왔|접종했|접종하였|접종하셨|접종받았)(?:어요|습니다|는데요|는데|거든요|네요|어|음)`

	doneEnglish = `(?:have |ive |has |was |been |got |had )*already (?:been |got |had |have )*(?:vaccinated|the (?:vaccine|shot|jab)|(?:my|a) (?:vaccine|shot|jab)|vaccine)(?: (?:elsewhere|at my doctors|at the hospital))?`
)

// What somebody was given does not suit: they are asked what does.
const (
	unsuitedKorean = `(?:너무|좀|조금|많이|거기|거기는|거긴|장소가|시간이|시간은|집에서|여기서|저한테|저한테는)*(?:멀어요|멀어|멉니다|먼데요|머네요|멀다|먼곳이에요|일러요|이릅니다|이른데요|이르네요)`

	unsuitedEnglish = `(?:(?:it|that|this)(?: is|s)? |is )?(?:too|very|so) (?:far|early)(?: away)?(?: (?:for me|from my (?:home|house)|from home|from here|in the morning))?`
)

// notMeKorean and notMeEnglish are what people say who know of no application.
const notMeKorean = `(?:제가아닙니다|제가아니에요|제가아니예요|제가아닌데요|저아니에요|저아닙니다|저아닌데요|저아니예요|본인아닙니다|본인이아닙니다|본인이아니에요|본인아니에요|아닌데요|` +
	`(?:그런|이런|이)?(?:신청|예약|접수)(?:을|를|은|한)?(?:한)?(?:적이|적|기억이)?(?:없어요|없습니다|없는데요|없어|안했어요|안했습니다|안했는데요|하지않았어요|하지않았습니다|모릅니다|몰라요)|모르는(?:사람|분|신청|예약|이름)|` +
	`잘못(?:보내셨어요|보내셨습니다|보내신것같아요|온문자|왔어요|온것같아요)|번호(?:가|를)?잘못(?:보내셨어요|됐어요|되었어요|아셨어요)|(?:그런|이런|그|이)?(?:사람|분|이름)(?:은|는|이)?(?:없어요|없습니다|없는데요|아니에요|아니예요|아닙니다|아닌데요)|사람(?:을)?잘못(?:보셨어요|보셨습니다|찾으셨어요|찾으셨습니다|보냈어요))`

const notMeEnglish = `not me|this is not me|its not me|it is not me|wrong (?:number|person)|(?:you have|this is|its) the wrong (?:number|person)|did not (?:apply|register|book)(?: for this)?|` +
	`didnt (?:apply|register|book)(?: for this)?|never (?:applied|registered|booked)(?: for this)?|dont know (?:this|that) person|do not know (?:this|that) person|i know of no (?:such )?application`

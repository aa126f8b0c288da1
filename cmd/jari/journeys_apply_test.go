//go:build journeys

package main

import "jari/booking/words"

func misspelt() journey {
	return journey{
		title: said{"사는 곳을 잘못 쳤을 때", "A slip of the finger"},
		why: said{
			"지역 이름을 잘못 치면 짐작하지 않고 여쭤봅니다.",
			"Somebody mistypes the name of their district. It is never guessed: we ask.",
		},
		acts: []act{
			texts("예약 610307 이철수 강남국", "BOOK 1961-03-07 Tom White Gangnm", words.NearRegion).
				korean("이철수 강낭구 610307").
				english("Tom White, 7 March 1961, Gangnm-gu"),
			texts("1", "1", words.Registered).
				korean("1번", "네 1번", "강남구", "강남구요").
				english("reply 1", "yes 1", "Gangnam"),
		},
	}
}

func veryOld() journey {
	return journey{
		title: said{"태어난 해가 두 자리일 때", "A year of birth with two digits"},
		why: said{
			"23년생은 1923년생일 수도, 2023년생일 수도 있습니다. 둘 다 대상이면 여쭤봅니다.",
			"Somebody very old writes the year with two digits. Where it could also be a small child's, we ask.",
		},
		acts: []act{
			texts("예약 230302 박옥례 마포구", "BOOK 23-03-02 Rose Hill Mapo", words.AskMissing).
				korean("박옥례 마포구 23년 3월 2일").
				english("Rose Hill, Mapo, 230302"),
			texts("1923", "1923", words.Registered).
				korean("1923년", "1923년생입니다", "천구백이십삼년생이요").
				english("in 1923", "she was born in 1923"),
		},
	}
}

func family() journey {
	return journey{
		title: said{"휴대전화가 없는 부모님 대신", "For parents without a phone of their own"},
		why: said{
			"딸이 자기 전화로 부모님 두 분을 신청합니다. 안내는 모두 이 전화로 오고, 답하는 번호는 사람마다 다릅니다.",
			"A daughter applies for both parents from her own phone. Everything comes to this phone, and each person has answer numbers of their own.",
		},
		me: "daughter",
		acts: []act{
			texts("어머니 예약 410315 김순자 강남구", "BOOK for my mother Susan Lee 1941-03-15 Gangnam", words.Registered),
			texts("아버지 380720 박철수 강남구", "my father Peter Lee 1938-07-20 Gangnam", words.Registered).
				korean("아버지도요. 박철수 1938년 7월 20일 강남구").
				english("and Peter Lee, 20 July 1938, Gangnam"),
			texts("1", "1", words.Welcome),
			comes(words.Offer),
			texts("3", "3", words.Welcome),
			comes(words.Offer),
		},
		whole: [2][]string{
			{"예약 김순자 410315, 박철수 380720 강남구", "우리 부부 2명 예약 김순자 410315 박철수 380720 강남구"},
			{"BOOK Susan Lee 1941-03-15, Peter Lee 1938-07-20, Gangnam"},
		},
	}
}

func beforeOpening() journey {
	return journey{
		title: said{"신청 시작 전에 보냈을 때", "Too early: before the opening"},
		why: said{
			"시작 전에 보낸 신청은 순번에 들어가지 않습니다. 대신 시작할 때 문자를 받을 수 있습니다.",
			"Somebody applies before their group's opening. It counts for nothing, so we say when it opens and offer to text them then.",
		},
		acts: []act{
			texts("예약 700505 윤서연 종로구", "BOOK 1970-05-05 Kate Young Jongno", words.NotOpenYet),
			texts("1", "1", words.ReminderNoted).
				korean("1번", "1번이요", "1번으로 부탁드립니다").
				english("reply 1", "1 please"),
			clock("2 Mar 10:00", words.Opened),
			texts("예약 700505 윤서연 종로구", "BOOK 1970-05-05 Kate Young Jongno", words.Registered),
		},
	}
}

"""
Complaints written for tests: each with what is personal in it, and as many with nothing.

Two thousand texts, half in Chinese, half in English, drawn with a fixed seed from phrases of how
people write; the numbers are made, and those with a check digit are made valid here, by sums of
their own. Who wrote the phrases had seen the recogniser: what it scores here bounds what it scores
elsewhere from above.
"""

from __future__ import annotations

import random

PROVINCE_AREAS = ("110105", "330106", "440305", "510104", "320102", "420106")
ZH_DIGITS = "零一二三四五六七八九"


def id_card(draw):
    body = (
        draw.choice(PROVINCE_AREAS)
        + f"{draw.randint(1940, 2005)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
        + f"{draw.randint(1, 999):03}"
    )
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def no_id_card(draw):
    good = id_card(draw)
    return good[:-1] + ("3" if good[-1] != "3" else "4")


def mobile(draw):
    digits = f"1{draw.choice('3589')}{draw.randint(0, 999999999):09}"
    way = draw.randrange(6)
    if way == 0:
        return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    if way == 1:
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    if way == 2:
        return "".join(ZH_DIGITS[int(digit)] for digit in digits)
    if way == 3:
        return "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
    return digits if way == 4 else f"+86 {digits}"


def landline(draw):
    return f"{draw.choice(('0571', '010', '021', '0755'))}-{draw.randint(20000000, 89999999)}"


def plate_zh(draw):
    tail = list(f"{draw.randint(0, 99999):05}")
    for place in draw.sample(range(5), draw.randint(0, 2)):
        tail[place] = draw.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")
    tail = "".join(tail)
    head = draw.choice("京沪浙苏粤川鄂") + draw.choice("ABCDE")
    return (
        head + draw.choice(("", "·", " ")) + draw.choice((tail, f"D{draw.randint(10000, 99999)}"))
    )


def name_zh(draw):
    given = draw.choice(("小明", "建国", "丽", "秀英", "伟", "志强", ""))
    title = draw.choice(("先生", "女士", "阿姨", "师傅", "大爷", "老师"))
    return draw.choice("王李张刘陈杨赵黄周吴徐孙胡朱高林") + given + title


def address_zh(draw):
    street = draw.choice(("中山路", "解放街", "文一西路", "和平里", "人民大道", "柳浪巷", "长安街"))
    number = draw.choice(
        (str(draw.randint(1, 999)), "十八", f"{draw.randint(1, 99)}-{draw.randint(1, 9)}")
    )
    block = draw.choice(("", f"{draw.randint(1, 20)}栋", f"{draw.randint(1, 20)}幢2单元", "3号楼"))
    room = draw.choice(("", f"{draw.randint(101, 1204)}室")) if block else ""
    return f"{street}{number}号{block}{room}"


def email(draw):
    head = draw.choice(("wang.xm", "li_si88", "jane.doe", "q12345", "m-schmidt"))
    return f"{head}@{draw.choice(('example.com', 'mail.example.cn', 'post.example.co.uk'))}"


ZH_PHRASES = (
    ("{name}反映{place}垃圾无人清理，联系电话{telephone}。", ("name", "telephone")),
    ("投诉人住{address}，楼下公厕异味严重。", ("address",)),
    ("{place}有车辆{plate}长期占用人行道", ("plate",)),
    ("身份证号{id_card}，要求回复", ("id_card",)),
    ("请回电{telephone}，或发邮件到{email}", ("telephone", "email")),
    ("我是{name}，手机{telephone}，{place}健身器材损坏", ("name", "telephone")),
    ("{name}称{address}门口污水外溢，车牌{plate}的渣土车所致", ("name", "address", "plate")),
    ("来电人{telephone}反映噪声扰民", ("telephone",)),
    ("补充材料请寄{address}{name}收", ("address", "name")),
)
ZH_CLEAN = (
    "{place}公厕{n}号厕位门锁损坏，已第{n}次反映",
    "工单{serial}已转{place}街道办理，时限{n}个工作日",
    "设施编号GC-330102-{n:04}，位于东经120.{n}{n}153",
    "{day}巡查发现{place}菜市场{n}个摊位占道经营",
    "地铁{n}号线{place}站出口共享单车堆放约{n}辆",
    "资产编号{no_id_card}的垃圾桶破损",
    "请致电12345热线，或拨打110、119",
    "任何某个时段都无人清扫，由于经理不在，无法沟通",
    "{place}路与解放路交叉口积水约{n}平方米",
    "1号公厕、{n}号公厕均无洗手液，面积{n}.5平方米",
    "国道{n}号线沿线绿化带有白色垃圾，长约{n}00米",
    "{place}社区第{n}网格本月共上报{n}{n}件，办结{n}件",
)
PLACES_ZH = ("中山公园", "城北", "火车站广场", "河滨", "新华", "大学城")

FIRST = ("John", "Maria", "Wei", "Aisha", "Peter", "Olga", "José")
LAST = ("Smith", "Garcia", "O'Brien", "Müller", "Chen", "Johnson-Lee", "Brown")


def phone_en(draw):
    area, middle, last = draw.randint(201, 989), draw.randint(200, 989), draw.randint(0, 9999)
    ways = (
        f"{area}-{middle}-{last:04}",
        f"({area}) {middle}-{last:04}",
        f"+1 {area} {middle} {last:04}",
        f"+44 20 7946 {last:04}",
        f"{area}.{middle}.{last:04}",
    )
    return draw.choice(ways)


def name_en(draw):
    return f"{draw.choice(('Mr.', 'Mrs', 'Ms.', 'Dr.'))} {draw.choice(FIRST)} {draw.choice(LAST)}"


def address_en(draw):
    street = draw.choice(
        ("Main Street", "Oak Ave", "West 42nd Street", "Elm Rd", "Park Place", "E 9th St")
    )
    return f"{draw.randint(1, 4999)} {street}" + draw.choice(("", f", Apt {draw.randint(1, 40)}B"))


def plate_en(draw):
    letters = "".join(draw.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(3))
    return f"{letters}{draw.choice(('-', ' ', ''))}{draw.randint(1000, 9999)}"


def ssn(draw):
    return f"{draw.randint(100, 665)}-{draw.randint(10, 99)}-{draw.randint(1000, 9999)}"


EN_PHRASES = (
    ("{name} says the bin at the park gate overflows, call {telephone}", ("name", "telephone")),
    ("I live at {address} and the toilet smells", ("address",)),
    ("A car with plate {plate} blocks the pavement", ("plate",)),
    ("my social security number is {id_card}, please confirm", ("id_card",)),
    ("Reach me at {email} or {telephone}", ("email", "telephone")),
    ("Rats seen behind {address}. Reported by {name}.", ("address", "name")),
    ("van parked for weeks, license plate {plate}, owner lives at {address}", ("plate", "address")),
    ("Please phone {telephone} after six", ("telephone",)),
    ("Write to {name}, {email}", ("name", "email")),
)
EN_CLEAN = (
    "Two of {n} lights on Main Street are out",
    "Reference {serial}, closed on {day} after {n} days",
    "The toilet near Dr. Martin Luther King Boulevard has no water, {n} complaints",
    "Coordinates 40.71{n}728, -74.00{n}006; block {n}",
    "Call 311 or 911, response within {n} hours",
    "{n} bags of rubbish at the corner of Oak Ave and Elm Rd",
    "Facility PR-{n:05} inspected at 10:3{d} on {day}: {n} stalls, {n} broken",
    "The Department of Sanitation found {n} violations in community board {n}",
    "Bus M{n} stop, 5 Avenue and West 14 Street: broken bench",
    "Open from 6 am to 10 pm; {n} out of {n}0 machines work",
    "Officer Memorial Park has {n} trees down, about {n} m long",
)


def _value(kind, draw, chinese):
    makers = {
        "name": name_zh if chinese else name_en,
        "telephone": draw.choice((mobile, landline)) if chinese else phone_en,
        "address": address_zh if chinese else address_en,
        "plate": plate_zh if chinese else plate_en,
        "id_card": id_card if chinese else ssn,
        "email": email,
    }
    return makers[kind](draw)


def texts(language, count=1000, seed=16):
    """Give texts with, for each class, what is personal in them."""
    draw, chinese = random.Random(f"{language}{seed}"), language == "zh"
    phrases, clean = (ZH_PHRASES, ZH_CLEAN) if chinese else (EN_PHRASES, EN_CLEAN)
    places = PLACES_ZH
    for number in range(count):
        n = draw.randint(2, 9)
        about = {
            "place": draw.choice(places),
            "n": n,
            "d": n,
            "serial": f"2026{draw.randint(10**9, 10**10 - 1)}",
            "day": draw.choice(("2026-11-03", "2026年11月3日", "03/11/2026", "3.11.2026")),
            "no_id_card": no_id_card(draw),
        }
        if number % 2:
            yield draw.choice(clean).format(**about), {}
        else:
            phrase, kinds = draw.choice(phrases)
            held = {kind: _value(kind, draw, chinese) for kind in kinds}
            yield phrase.format(**about, **held), held

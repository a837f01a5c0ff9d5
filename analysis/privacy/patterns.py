"""What personal data look like: expressions by class, for one text as for a million."""

from __future__ import annotations

import re
from typing import Final

SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞"
    "颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁"
    "蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁"
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧葉蘇呂盧薑鍾譚陸範賈韋鄒邱閻龍陶賀顧龔邵萬錢嚴湯溫莊聶魯關蘭俞寧紀畢單季駱藍"
)
"""Family names of one character, simplified and traditional, that cover nearly all people."""

COMPOUND: Final = "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|夏侯|司徒|皇甫|尉迟|公孙|慕容|令狐|东方|端木"
_FAMILY: Final = (
    rf"(?:{COMPOUND}|(?<![保公治平])安"
    r"|(?<![由关對对等位在至鉴处便基终属屬于])于|(?<![任如为為几奈与])何|(?<![健安齐])全|(?<![公停火汽货电机单堵])车"
    r"|(?<![时同])时|(?<![温和平])和(?=某)|(?<![\u4e00-\u9fff])路"
    rf"|[{''.join(c for c in SURNAMES if c not in '安于何全车时和路单單')}])"
)
_GIVEN: Final = r"[\u4e00-\u9fff]"
_TITLES: Final = (
    "先生|女士|小姐|太太|夫人|老师|老師|师傅|師傅|大爷|大爺|大妈|大媽|大娘|大叔|大姐|大哥|阿姨|叔叔|奶奶|爷爷|爺爺|"
    "老伯|伯伯|婆婆|同学|同學|医生|醫生|经理|經理|主任|同志|老板|老闆|书记|書記|律师|律師|法官|警官|教授|护士|護士|司机|司機|"
    "(?:局|处|處|科|所|站|院|校|镇|鎮|区|區|市|县|縣|村|组|組|队|隊|会|會|董事|秘书|秘書)[长長](?!.{0,4}[街路巷弄道段号號江])|"
    "(?:姐|哥|嫂|婶|嬸|叔|姨|伯)(?![妹弟里父])"
)
_LABELS: Final = (
    "姓名|联系人|聯絡人|聯繫人|投诉人|投訴人|举报人|舉報人|反映人|来电人|來電人|报告人|申请人|申請人|当事人|當事人|"
    "户主|戶主|业主|業主|房东|房東|车主|車主|本人|我叫|我是|我姓名是|名叫|叫做|"
    "(?:受理|承办|承辦|经办|經辦|来信|來信|来访|來訪|诉求|訴求|求助|报修|報修|监护|監護|负责|負責|登记|登記|填报|填報|"
    "签收|簽收|责任|責任|被投诉|被投訴|收件|寄件|委托|委託|代理)人|"
    "(?:驾驶|駕駛|网格|網格|保洁|保潔|巡查|协管|協管|工作人|执法人|執法人|管理|业务|業務)[员員]|"
    "司机|司機|住户|住戶|租户|租戶|村民|市民|居民|群众|群眾|家属|家屬|患者|店主|摊主|攤主|志愿者|志願者|"
    "(?:业主|業主|居民|村民|商户|商戶|学生|學生|家长|家長)代表|"
    "[我其他她](?:妈妈?|媽媽?|爸爸?|母亲|母親|父亲|父親|爱人|愛人|丈夫|妻子|老公|老婆|儿子|兒子|女儿|女兒)|"
    "经理|經理|主任|书记|書記|[队隊科局所站校][长長]|民警|保安|工人"
)
_WORDS: Final = (
    "安全|安静|安置|安排|方便|方面|高度|高兴|高峰|高层|高空|严重|严格|明显|平时|平安|平均|和谐|和平|时常|常常|常见|常年|常住|"
    "夏天|夏季|周边|周围|周一|周二|周三|周四|周五|周六|周日|周末|陆续|路过|路面|路边|马上|马路|金额|雷雨|施工|应急|应该|"
    "应当|项目|计划|成为|成功|成立|解决|解释|党员|管理|管道|连续|车辆|车库|车位|卫生|全部|全面|全市|全体|白天|白色|黄色|"
    "蓝色|景观|强烈|强行|单元|单位|关于|关心|关闭|顾客|温度|通知|文明|文化|农贸|农村|江边|向来|易燃|余下|万一|都说|林立|"
    "林荫|花费|曾经|曾多|任何|任意|何时|何处|于是|汤水|沈阳|温州|宁波|广场|满意|水费|于今|万分|平日|应有"
)
"""Words that begin as family names do, and are none after a label."""
_BY_SOUND: Final = (
    r"[\u4e00-\u9fff]{2,7}[·•][\u4e00-\u9fff]{2,7}(?![\u4e00-\u9fff])"
    r"|[阿巴布敖白包宝寶勃才朝达達丹道德迪都额額恩尔爾嘎高哥格根古哈和赫胡花呼吉嘉金娟卡克拉来來兰蘭朗雷勒力丽麗林琳卢盧鲁魯"
    r"洛玛瑪买買满滿曼毛孟米明莫姆木慕穆那纳納娜尼宁寧诺諾帕普其奇齐齊恰强钦欽琴青庆慶荣榮热熱仁日如茹萨薩赛賽桑沙莎山斯松苏蘇"
    r"索塔泰坦云雲特腾騰提图圖吐托娃旺威温文乌烏吾西希仙晓曉欣雅亚亞娅婭扬央伊依音永玉扎珠卓孜措次旦顿頓多贡貢加坚堅江降杰傑罗羅"
    r"梅平曲群顺順嫂坤昌盖蓋肯别別克合]{3,7}(?=$|[^\u4e00-\u9fff]|[电電手说說反来來向在住称稱把拒不])"
)
"""Names that Chinese writes by their sound: with a dot between, or in few characters."""
NAME_ZH: Final = re.compile(
    rf"(?P<a>{_FAMILY}(?:{_GIVEN}{{0,2}}?|某{{1,2}})(?:{_TITLES}))"
    rf"|(?P<b>{_FAMILY}(?:某某|某)(?![个個些种種年月日天处處地人街路]))"
    rf"|(?:{_LABELS}|\b(?i:name|contact|caller))[是为為:\s]{{0,3}}(?!{_WORDS})(?P<c>{_FAMILY}{_GIVEN}{{1,2}})"
    r"(?=$|[^\u4e00-\u9fff]|[电電手说說反来來向在住的于投称稱家是把拒不]"
    r"|表示|联名|聯名|现场|現場|驾驶|駕駛|申请|申請|咨询|諮詢|要求|建议|建議|认为|認為|举报|舉報|多次|自愿|自願|先生|女士"
    r"|今[天年]|昨天|日前|已|因|被|将|將|等|和|与|與|及)"
    rf"|(?:{_LABELS}|\b(?i:name|contact|caller))[是为為:\s]{{0,3}}(?P<e>{_BY_SOUND})"
    rf"|(?<![\u4e00-\u9fff·])(?P<f>{_FAMILY}{_GIVEN}{{1,2}})"
    r"(?=[,、 ]{1,2}[男女](?![\u4e00-\u9fff]))"
    rf"|(?<=[\u4e00-\u9fff]、)(?P<d>{_FAMILY}{_GIVEN}{{1,2}})(?=联名|聯名|共同反映)"
)

_CAP: Final = r"[A-ZÀ-ÖØ-Þ][\wà-öø-ÿ'’-]*"
_BETWEEN: Final = r"(?:(?:de|del|della|di|da|dos|van|von|der|den|la|le|bin|el)\s+){0,3}"
"""Words without a capital inside a name."""
_TITLE: Final = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Rev|Reverend|Mister|Madam|Officer|Inspector|Detective|Sergeant|Sgt|"
    r"Lieutenant|Captain|Capt|Judge|Justice|Councill?or|Alderman|Senator|Pastor|Rabbi|Imam|Nurse|Father|Sister|"
    r"Herr|Herrn|Frau|Monsieur|Madame|Señor|Señora|Sr|Sra)"
)
_CALLER: Final = (
    r"(?:name|contact(?: person| name)?|complainant|caller|reported by|resident|tenant|owner|"
    r"applicant|customer|landlord|neighbou?r|manager|supervisor|superintendent|secretary|janitor|caretaker|"
    r"driver|claimant|ask for|signed|regards|thanks|sincerely)"
)
NAME_WEST: Final = re.compile(
    rf"(?<![A-Za-zÀ-ÿ])(?:{_TITLE}\b(?:\.\s*|\s+))+(?P<a>(?!{_TITLE}\b){_BETWEEN}{_CAP}(?:\s+(?:[A-Z]\.|{_BETWEEN}{_CAP})){{0,2}}+)"
    rf"|(?:(?i:\b{_CALLER}\s*[:,]\s*)|\b(?i:{_CALLER})\s+(?:is\s+)?"
    r"|(?i:\b(?:my name is|my name['’]s|i am called|this is)\s+))"
    rf"(?P<b>{_CAP}(?:\s+[A-Z]\.)?+(?:\s+{_BETWEEN}{_CAP}){{1,2}}+)"
    rf"|(?i:\b{_CALLER}\s*:\s*)(?P<c>{_CAP},\s{{1,2}}{_CAP}(?:\s[A-Z]\.)?)"
)
PLACE_WORDS: Final = re.compile(
    r"\b(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Lane|Ln|Park|Playground|School|Bridge|"
    r"Houses|Plaza|Square|Place|Pl|Way|Parkway|Pkwy|Garden|Gardens|Center|Centre|Library|Service|"
    r"Services|Department|Station|Triangle|Field|Academy|Hospital|Church|Building|City|Strasse|Weg)\b"
)
"""After a title they tell that a place bears the name of somebody."""

NO_DATUM: Final = re.compile(
    r"\d+\.\d{5,}"
    r"|(?<![\d/.-])\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})(?![\d/.-])|(?<![\d.])\d{1,2}\.\d{1,2}\.(?:19|20)\d{2}(?!\d)"
    r"|(?<![\d/.-])(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?![\d-])|(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?!\d)"
)
"""Coordinates, dates and times: their digits belong to no number of a person."""

EMAIL: Final = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}\s?(?:@|\[at\]|\(at\)|\{at\})\s?"
    r"[A-Za-z0-9][A-Za-z0-9-]*(?:\s?(?:\.|\[dot\]|\(dot\))\s?[A-Za-z0-9-]+)*"
    r"\s?(?:\.|\[dot\]|\(dot\))\s?[A-Za-z]{2,}",
    re.ASCII,
)
SPOKEN_EMAIL: Final = re.compile(
    r"\b[A-Za-z0-9][\w.+-]{1,63} at [A-Za-z0-9-]+ dot (?:com|net|org|edu|gov|cn|co|de|ch|uk|io)\b",
    re.ASCII | re.IGNORECASE,
)

_S: Final = r"[ \-.·—–]{0,2}"
TELEPHONE: Final = re.compile(
    # Mobile numbers of mainland China, of Taiwan.
    rf"(?<![\d.])(?:\(?(?:\+|00)?86\)?{_S})?1[3-9]\d{_S}\d{{4}}{_S}\d{{4}}(?![\d])"
    rf"|(?<!\d)(?:\(?(?:\+|00)?86\)?{_S})?1[3-9]\d{_S}\d{{3}}{_S}\d{{2}}{_S}\d{{3}}(?!\d)"
    rf"|(?<!\d)(?:\(?(?:\+|00)?86\)?{_S})?1[3-9]\d{{2}}{_S}\d{{3}}{_S}\d{{4}}(?!\d)"
    rf"|(?<!\d)09\d{{2}}[ -]?\d{{3}}[ -]?\d{{3}}(?!\d)"
    # Area code and number of mainland China, with an extension; service numbers.
    rf"|(?<!\d)\(?0\d{{2,3}}\)?{_S}[2-9]\d{{2,3}}{_S}\d{{4}}(?:\s?(?:-|转|轉|ext\.?|x)\s?\d{{1,6}})?(?!\d)"
    r"|(?<!\d)[48]00[ -]\d{3}[ -]?\d{4}(?!\d)|(?<!\d)[48]00[ -]\d{4}[ -]\d{3}(?!\d)"
    # North America, with signs between the groups.
    r"|(?<![\d.-])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}"
    r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\d-])"
    # Mobile numbers of Britain.
    r"|(?<![\d+])07\d{3} \d{3} ?\d{3}(?!\d)"
    # With a country code; with a trunk 0 and groups, as Europe, Japan and Korea write them.
    r"|(?<![\d+])(?:\+|00)[1-9]\d{0,2}(?:[ .()/-]{0,2}\d){7,12}(?!\d)"
    r"|(?<![\d.:/-])(?=\(?(?:\d[ ./()-]{0,2}){9})"
    r"\(?0\d{1,4}\)?[ ./-]{0,2}\d{2,4}(?:[ .-]\d{2,4}){1,4}(?![\d:/-])"
)
_CALL: Final = (
    r"(?:电话|電話|手机|手機|座机|致电|致電|来电|來電|联系方式|聯絡方式|号码|號碼|联系|\btel\b|telephone|phone|"
    r"\bcall(?:ed)?\b|\bmobile\b|\bcell\b|\btext\b|\bnumber\b)"
)
CALLED: Final = re.compile(
    rf"{_CALL}(?:[^\d\n]{{0,14}}?)(?P<a>\(?\+?\d(?:[ ().-]{{0,2}}\d){{6,13}})(?!\d)", re.IGNORECASE
)
ACCOUNT: Final = re.compile(
    r"(?:微信号?|微信號|wechat|\bwx\b|v信)(?:号|號|id)?[是为為: ]{0,3}"
    r"(?P<a>[A-Za-z0-9][-_A-Za-z0-9]{5,19})"
    r"|(?:\bqq|扣扣)(?:号|號)?[是为為: ]{0,3}(?P<b>[1-9]\d{4,10})",
    re.IGNORECASE,
)

_PROVINCES: Final = (
    "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领滬雲遼魯蘇贛陝閩貴粵寧瓊"
)
PLATE_ZH: Final = re.compile(
    rf"[{_PROVINCES}]\s?[A-HJ-NP-Z]\s?[·•.\- ]?\s?"
    r"(?:[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF]|[A-HJ-NP-Z0-9]{4}[学警港澳挂试超學]|[A-HJ-NP-Z0-9]{5})(?![A-Z0-9])",
    re.IGNORECASE,
)
_VEHICLE: Final = (
    r"(?:plates?|licen[cs]e|registration|\breg\b|\btag\b|\bcar\b|truck|\bvan\b|\bsuv\b|vehicle|sedan|taxi|\bcab\b|"
    r"driver|parked|pickup|motorcycle|scooter|kennzeichen|车牌|車牌|牌照|车号|車號)"
)
PLATE_WEST: Final = re.compile(
    rf"{_VEHICLE}[^.;\n]{{0,40}}?(?<![\w-])(?P<a>"
    r"[A-Z]{3}[ -]?\d{3,4}|\d{3,4}[ -]?[A-Z]{3}|[A-Z]{2,3}\d{2}[ -]?[A-Z]{2,3}|\d[A-Z]{3}\d{3}|"
    r"[A-Z]\d{2}[ -]?\d?[A-Z]{3}|[A-Z]{1,3}-[A-Z]{1,2}[ -]\d{1,4}|"
    r"(?:ZH|BE|AG|SG|LU|BS|BL|VD|GE|TG|SZ|ZG)[ -]\d{3,6}|"
    r"[A-Z]{2}[ -]?\d{4}|\d{4}[ -]?[A-Z]{2}|T\d{6}C)(?![\w-])"
    r"|(?i:\b(?:licen[cs]e\s+)?plates?"
    r"(?:\s+(?:number|no\.?|is|was|reads|reading|starts\s+with)|\s*[#:])+\s*)"
    r"(?P<b>(?=[A-Z0-9 -]*\d)[A-Z0-9][A-Z0-9-]{1,3}[ ]?[A-Z0-9]{2,5})(?![\w-])"
)
PLATE_LABEL: Final = re.compile(
    r"(?:车牌|車牌|牌照|车号|車號)(?:号码?|號碼?)?[是为為: ]{0,3}"
    r"(?P<a>[A-Z0-9]{2,4}[-·. ]?[A-Z0-9]{2,6})(?![A-Z0-9])",
    re.IGNORECASE,
)

_NO: Final = r"(?:\d{1,5}|[〇零一二三四五六七八九十百]{1,6})(?:\s?[-之/]\s?\d{1,4}){0,2}\s?"
_BLOCK: Final = (
    r"(?:\d{1,4}|[一二三四五六七八九十]{1,3}|[A-Z])\s?(?:号楼|號樓|栋|棟|幢|座|号院|號院)"
)
_ROOM: Final = (
    r"(?:(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s?(?:单元|單元|楼|樓|层|層)\s?(?:\d{3,4}(?!\d)(?:室|房|户|戶)?)?)?"
    r"(?:\d{1,4}\s?(?:室|房|户|戶|号|號))?"
)
_WAY: Final = (
    r"(?:大道|大街|路|街|巷|弄|胡同|(?<![国國省县縣])道|里|村|段|条|條|屯|庄|莊|苑|坊|湾|灣)"
)
_PLACE: Final = (
    r"(?:小区|小區|花园|花園|家园|家園|公寓|大厦|大廈|新村|社区|社區|"
    r"苑|园|園|府|城|邨|庭|里|院|广场|廣場)"
)
_STEM: Final = r"(?:(?![住在到址称稱至号號])[\u4e00-\u9fffA-Za-z])"
ADDRESS_ZH: Final = re.compile(
    rf"{_STEM}{{1,12}}?{_WAY}(?:[东西南北中東上下一二三四五六七八九\d]{{0,2}}(?:段|路|街|巷|弄|条|條))?"
    rf"\s?(?:\d{{1,4}}\s?(?:巷|弄)\s?){{0,2}}{_NO}(?:号|號)(?![线線])[楼樓]?(?:\s?(?:院)?\s?{_BLOCK})?\s?{_ROOM}"
    rf"|{_STEM}{{1,10}}?{_BLOCK}\s?(?:(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\s?(?:单元|單元)\s?)?\d{{3,4}}"
    r"(?![\d.]|\s?[米元年路吨人个公平])(?:室|房|户|戶)?"
    rf"|{_STEM}{{1,14}}?{_PLACE}\s?(?:[A-Z东西南北東]区\s?)?{_BLOCK}\s?{_ROOM}"
    rf"|{_BLOCK}\s?(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\s?(?:单元|單元)\s?(?:\d{{1,4}}\s?(?:室|房|户|戶|号|號)?)?"
    rf"|{_STEM}{{1,10}}?{_PLACE}\s?\d{{1,4}}\s?-\s?\d{{1,2}}\s?-\s?\d{{1,4}}(?!\d)"
)
_SUFFIX: Final = (
    r"(?:street|st|avenue|ave|av|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|terrace|ter|"
    r"parkway|pkwy|square|sq|way|close|crescent|highway|hwy|turnpike|tpke|walk|alley|plaza|loop|circle|cir|"
    r"broadway|bowery|expressway|gardens|row|mews|concourse|promenade|esplanade|grove|quay|wharf)"
)
_NOT_STREET: Final = (
    r"(?!(?:on|at|in|of|near|the|and|to|from|by|between|blocks?|cars?|people|feet|ft|days?|weeks?|hours?|hrs?|"
    r"minutes?|mins?|bags?|lights?|trees?|am|pm|for|along|down|up|off|times?|months?|years?|story|dogs?|trucks?|"
    r"bins?|cans?|miles?|m|km|metres?|meters?|yards?|lanes?|open|way|new|more|per|different|other|out|a|an|is|"
    r"are|was|were|homeless|men|residents|potholes?|rats?|th|with|or|nearby|consecutive|way|hour|separate)\b)"
)
_UNIT: Final = r"(?:,?\s*(?:apt\.?|apartment|unit|suite|ste|fl|floor|room|rm|#)\s*#?\s*[\w-]{1,6})?"
ADDRESS_WEST: Final = re.compile(
    r"(?<![\w#.,:/$%-])\d{1,5}[A-Z]?(?:\s?[-–/]\s?\d{1,4})?(?:\s+1/2)?,?\s+"
    r"(?:(?:north|south|east|west|n|s|e|w|ne|nw|se|sw)\.?\s+)?"
    rf"(?:(?:\d{{1,3}}(?:st|nd|rd|th)?|{_NOT_STREET}[^\W\d][\w'’.-]*)\s+){{1,3}}?"
    rf"{_SUFFIX}\b\.?(?!\s+(?:lights?|signs?|trees?|corner|cleaning|sweep\w*|vendors?)\b)"
    r"(?:\s+(?:north|south|east|west|ne|nw|se|sw|n|s|e|w)\b)?"
    rf"{_UNIT}"
    rf"|(?<![\w#.,:/$%-])\d{{1,5}}[A-Z]?(?:\s?-\s?\d{{1,4}})?\s+(?:broadway|bowery|(?:grand\s+)?concourse)\b{_UNIT}"
    r"|\b(?:apt\.?|apartment)\s*#?\s*\d{1,4}[a-z]?\b",
    re.IGNORECASE,
)
HOME: Final = re.compile(r"单元|單元|\d\s?[室户戶]|(?i:\bapt\b|\bapartment\b|#)")
"""What the address of a home has, and that of an office seldom."""
ADDRESS_EUROPE: Final = re.compile(
    r"\b[A-ZÄÖÜ][\wäöüß.-]*(?:strasse|straße|str\.?|gasse|weg|platz|allee|quai|steig|halde|rain|matte|ring|gässli|hof)"
    r"\s+\d{1,4}\s?[a-z]?(?!\w|\.\d)"
    r"|\b[A-ZÄÖÜ][\wäöüß-]+(?:er)?\s(?:Strasse|Straße|Str\.|Weg|Gasse|Platz|Allee)\s+\d{1,4}[a-z]?(?!\w)"
    r"|\b\d{1,4}(?:\s?(?:bis|ter))?,?\s(?i:rue|avenue|boulevard|place|chemin|impasse|quai)\s(?:de\s|du\s|des\s|la\s|"
    rf"l['’]|d['’])*(?!(?i:bridge|footbridge|pedestrian|overpass)\b){_CAP}(?:\s{_CAP}){{0,2}}"
    rf"|\b(?:Calle|Avenida|Plaza|Paseo|Carrer|Via|Viale|Piazza)\s(?:de\s|del\s|la\s|las\s|los\s)*{_CAP}"
    rf"(?:\s{_CAP}){{0,2}},?\s(?:n[.º°]\s?)?\d{{1,4}}\b"
)

ID_CN: Final = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}[ -]?(?:18|19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?![\dA-Za-z])"
)
ID_CN_OLD: Final = re.compile(
    r"(?<![\dA-Za-z])[1-6]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![\dA-Za-z])"
)
ID_TW: Final = re.compile(r"(?<![\dA-Za-z])[A-Za-z][1289]\d{8}(?![\dA-Za-z])")
ID_HK: Final = re.compile(r"(?<![\dA-Za-z])[A-Z]{1,2}\d{6}\s?\(?[\dA]\)?(?![\dA-Za-z])")
ID_KR: Final = re.compile(r"(?<!\d)\d{6}-[1-8]\d{6}(?!\d)")
ID_US: Final = re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])")
ID_CH: Final = re.compile(r"(?<!\d)756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?!\d)")
ID_ES: Final = re.compile(r"(?<![\dA-Za-z])[XYZ]?-?\d{7,8}[- ]?[A-Z](?![\dA-Za-z])")
ID_FR: Final = re.compile(
    r"(?<!\d)[12][ ]?\d{2}[ ]?(?:0[1-9]|1[0-2])[ ]?\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{2}(?!\d)"
)

ID_PAPER: Final = re.compile(
    r"(?:护照|護照|通行证|通行證|居留证|居留證|\bpassport)"
    r"(?:号码?|號碼?|\s+(?:number|no\.?))?[是为為: ]{0,3}"
    r"(?P<a>[A-Z]{1,2}\d{7,10}|\d{9})(?![\dA-Za-z])",
    re.IGNORECASE,
)
"""Papers whose numbers have no check digit are known by what they are called."""

DIGIT: Final = re.compile(r"\d")
AT: Final = re.compile(r"@|\bat\b|[\[({]at[\])}]", re.IGNORECASE)
MESSENGER: Final = re.compile(r"微信|wechat|\bwx\b|v信|\bqq|扣扣", re.IGNORECASE)
MIXED: Final = re.compile(r"[A-Za-z][^A-Za-z]{0,3}\d|\d[^\d]{0,3}[A-Za-z]")
SEVEN: Final = re.compile(r"(?:\d\D{0,4}){6}\d")
NUMBERED: Final = re.compile(
    r"[A-Za-z](?:座|栋|棟|幢|号楼|號樓)|[\d〇零一二三四五六七八九十百]\s?(?:号|號|栋|棟|幢|座|-)"
    rf"|\d\D{0, 60}\b{_SUFFIX}\b|\d[\s,]{1, 3}(?:rue|avenue|boulevard|place|chemin|impasse|quai)\b"
    r"|(?:apt|apartment)\b|\d\S{0,8}\s.{0,60}\b(?:st|nd|rd|th|street|ave|avenue)\b|[a-zäöüß.]\s{1,3}\d"
    r"|\d\s?(?:单元|單元)",
    re.IGNORECASE,
)
ADDRESSED: Final = re.compile(
    rf"{_TITLES}|某|[,、 ][男女]|{_LABELS}|(?<![A-Za-z]){_TITLE}\b|"
    rf"(?i:\b{_CALLER}\b|\bmy name|\bi am called|\bthis is\b)"
)
"""Signs that are quick to look for."""
PERSON_HEADING: Final = re.compile(
    rf".*(?:{_LABELS}).*|(?i:(?:your |full |first |last |contact |complainant |caller |customer |"
    r"reporter |owner |tenant )?names?|complainant|caller|reporter|owner|tenant|contact)"
)
CALL_HEADING: Final = re.compile(
    r".*(?:电话|電話|手机|手機|座机|联系方式|聯絡方式|(?<![a-z])(?:tel|mobile|cell)(?![a-z])|phone).*",
    re.IGNORECASE,
)
"""Headings of columns that tell what a bare name or number below them is."""

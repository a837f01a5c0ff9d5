"""Names of the demo city, Chinese and English. The city and everything in it is made up."""

from __future__ import annotations

CITY = ("霁川市", "Jichuan")
RIVER = ("霁江", "Ji River")
HILL = ("望云山", "Wangyun Hill")
RIVERSIDE = ("滨江公园", "Riverside Park")
BRIDGES = (("文昌大桥", "Wenchang Bridge"), ("东渡大桥", "Dongdu Bridge"))

# Chinese, English, x and y of the centre (metres from the middle of the city).
SUBDISTRICTS = (
    ("老城街道", "Laocheng", -200, 900),
    ("文昌街道", "Wenchang", -2300, 1150),
    ("望云街道", "Wangyun", -2700, 2600),
    ("柳堤街道", "Liudi", 700, 2700),
    ("东渡街道", "Dongdu", 3000, 900),
    ("稻香街道", "Daoxiang", -3000, -1500),
    ("南浦街道", "Nanpu", -200, -2100),
    ("新港街道", "Xingang", 2600, -2200),
)

# The districts are the two banks: Chinese, English, and their sub-districts.
DISTRICTS = (
    ("江北区", "Jiangbei", ("老城街道", "文昌街道", "望云街道", "柳堤街道", "东渡街道")),
    ("江南区", "Jiangnan", ("稻香街道", "南浦街道", "新港街道")),
)

# From the middle of the city outwards: old lanes, works estates, new estates, villages.
COMMUNITIES = (
    ("鼓楼", "Gulou"), ("书院", "Shuyuan"), ("米市", "Mishi"), ("丝巷", "Sixiang"),
    ("盐仓", "Yancang"), ("槐荫", "Huaiyin"), ("青石", "Qingshi"), ("桂花", "Guihua"),
    ("钟鸣", "Zhongming"), ("渡口", "Dukou"), ("永宁", "Yongning"), ("崇文", "Chongwen"),
    ("和顺", "Heshun"), ("幸福", "Xingfu"), ("梧桐", "Wutong"), ("仁和", "Renhe"),
    ("石桥", "Shiqiao"), ("春晖", "Chunhui"), ("红星", "Hongxing"), ("船坞", "Chuanwu"),
    ("新华", "Xinhua"), ("长乐", "Changle"), ("机床", "Jichuang"), ("纺织", "Fangzhi"),
    ("望江", "Wangjiang"), ("铁路", "Tielu"), ("站前", "Zhanqian"), ("工农", "Gongnong"),
    ("光明", "Guangming"), ("梅园", "Meiyuan"), ("荷塘", "Hetang"), ("柳岸", "Liu'an"),
    ("银杏", "Yinxing"), ("明德", "Mingde"), ("翠湖", "Cuihu"), ("锦绣", "Jinxiu"),
    ("科苑", "Keyuan"), ("枫林", "Fenglin"), ("竹溪", "Zhuxi"), ("松涛", "Songtao"),
    ("高新", "Gaoxin"), ("世纪", "Shiji"), ("星河", "Xinghe"), ("幸福", "Xingfu"),
    ("晓月", "Xiaoyue"), ("云岭", "Yunling"), ("茶亭", "Chating"), ("果园", "Guoyuan"),
    ("苗圃", "Miaopu"), ("砖窑", "Zhuanyao"), ("沈家桥", "Shenjiaqiao"),
    ("周家渡", "Zhoujiadu"), ("何家垄", "Hejialong"), ("万家台", "Wanjiatai"),
    ("蔡家湾", "Caijiawan"), ("麦香", "Maixiang"), ("稻花", "Daohua"), ("菱角", "Lingjiao"),
    ("白鹭", "Bailu"), ("芦花", "Luhua"), ("杨树湾", "Yangshuwan"), ("胡家店", "Hujiadian"),
    ("金鸡岭", "Jinjiling"), ("鲁家坝", "Lujiaba"), ("彭家冲", "Pengjiachong"),
    ("双井", "Shuangjing"), ("三里岗", "Sanligang"), ("潘家榨", "Panjiazha"),
)  # fmt: skip

ROADS_EAST = (
    ("滨江路", "Binjiang Road"), ("人民路", "Renmin Road"), ("解放路", "Jiefang Road"),
    ("文化路", "Wenhua Road"), ("望云路", "Wangyun Road"), ("环城北路", "Huancheng North Road"),
    ("南浦大道", "Nanpu Avenue"), ("创业路", "Chuangye Road"), ("丰收路", "Fengshou Road"),
    ("环城南路", "Huancheng South Road"),
)  # fmt: skip
ROADS_NORTH = (
    ("钟楼街", "Zhonglou Street"), ("书院街", "Shuyuan Street"), ("建设街", "Jianshe Street"),
    ("车站街", "Chezhan Street"), ("柳堤街", "Liudi Street"), ("东渡街", "Dongdu Street"),
    ("新港街", "Xingang Street"), ("稻香街", "Daoxiang Street"), ("果园街", "Guoyuan Street"),
    ("茶亭街", "Chating Street"),
)  # fmt: skip

# category, share of the background, hours allowed, unit that answers, sentences
CATEGORIES: tuple[tuple[str, float, int, str, tuple[str, str, str]], ...] = (
    ("暴露垃圾", 0.19, 24, "环卫所",
     ("路边有散落垃圾无人清理", "绿化带旁垃圾裸露", "楼后堆着几袋垃圾")),
    ("道路不洁", 0.13, 24, "环卫所",
     ("人行道积尘较厚", "落叶和纸屑未清扫", "路面有油污")),
    ("非法小广告", 0.13, 48, "城管中队",
     ("电线杆上贴满小广告", "楼道喷涂办证电话", "公交站牌被张贴广告")),
    ("机动车乱停放", 0.11, 24, "城管中队",
     ("车辆停在人行道上", "消防通道被车辆占用", "路口停车影响通行")),
    ("非机动车乱停放", 0.09, 24, "城管中队",
     ("共享单车倒了一排", "电动车堵住单元门口", "盲道上停着电动车")),
    ("店外经营", 0.08, 48, "城管中队",
     ("店铺把货物摆到人行道", "餐馆桌椅占道", "水果店跨门槛经营")),
    ("垃圾箱满溢", 0.07, 12, "环卫所",
     ("垃圾桶满了没有清运", "垃圾箱盖合不上", "桶边堆着垃圾袋")),
    ("乱堆物堆料", 0.06, 72, "社区居委会",
     ("楼道堆放杂物", "门前堆着装修材料", "空地堆放废旧木料")),
    ("无照经营游商", 0.05, 24, "城管中队",
     ("流动摊贩占道卖菜", "路口有推车卖早点", "学校门口有流动摊点")),
    ("积存垃圾渣土", 0.04, 96, "环卫所",
     ("墙角堆着建筑渣土", "拆迁空地有积存垃圾", "装修垃圾多日未清")),
    ("乱倒污水", 0.03, 48, "社区居委会",
     ("饭店把污水泼在路边", "污水倒进雨水口", "巷口污水横流")),
    ("公共厕所保洁或设施问题", 0.02, 24, "环卫所",
     ("公厕地面湿滑有异味", "公厕水龙头坏了", "公厕灯不亮")),
)  # fmt: skip
SOURCES = (
    ("公众举报", 0.55),
    ("社区自查", 0.25),
    ("街道巡查", 0.12),
    ("市级督查", 0.06),
    ("省级暗访", 0.02),
)

HOSTILE = (
    '<img src=x onerror="window.__hostile=1">',
    "${window.__hostile=1}",
    "`+(window.__hostile=1)+`",
    "\\'+(window.__hostile=1)+\\'",
    "=1+1",
    "</script><script>window.__hostile=1</script>",
    "{{7*7}}{%raw%}",
)

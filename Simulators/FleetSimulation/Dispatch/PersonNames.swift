/// Names of customers and drivers, put together from common parts: nobody's in particular.
enum PersonNames {
    private static let families = [
        "陳", "林", "黃", "張", "李", "王", "吳", "劉", "蔡", "楊", "許", "鄭", "謝", "郭", "洪", "曾", "邱", "廖", "賴", "周",
    ]
    private static let given = [
        "志明", "淑芬", "家豪", "美玲", "俊傑", "雅婷", "建宏", "怡君", "文雄", "麗華", "宗翰", "佳穎", "國榮", "惠如", "冠宇", "詩涵",
    ]
    private static let englishGiven = ["Alice", "Brian", "Carol", "David", "Emma", "Frank", "Grace", "Henry"]
    private static let englishFamilies = ["Baker", "Clark", "Evans", "Fisher", "Green", "Hall", "Martin", "Wood"]
    private static let dishes = ["牛肉麵", "小吃店", "海鮮餐廳", "早餐店", "火鍋", "便當", "熱炒", "豆花"]
    private static let fronts = ["阿財", "福記", "鼎香", "老張", "大安", "金門", "好味", "三兄弟"]

    private static func pick(_ names: [String], _ random: inout RandomSource) -> String {
        names[random.integer(0...(names.count - 1))]
    }

    static func person(isEnglish: Bool, random: inout RandomSource) -> String {
        isEnglish
            ? pick(englishGiven, &random) + " " + pick(englishFamilies, &random)
            : pick(families, &random) + pick(given, &random)
    }

    static func restaurant(isEnglish: Bool, random: inout RandomSource) -> String {
        isEnglish ? pick(englishFamilies, &random) + "'s Kitchen" : pick(fronts, &random) + pick(dishes, &random)
    }
}

// What the page says, in the viewer's language.

const words = {
  en: {
    fleet: "Fleet", vehicles: "Vehicles", search: "Search vehicles", states: "States", group: "Group", map: "Map",
    allGroups: "All groups", happenings: "Events", alertsOnly: "Alerts only", zoomIn: "Zoom in", zoomOut: "Zoom out",
    fit: "Show all", units: "Units", connected: "live", away: "not connected", paused: "paused", token: "Token",
    enter: "Enter", moving: "moving", idling: "idling", parked: "parked", lost: "no position", offline: "offline",
    follow: "Follow", unfollow: "Stop following", close: "Close", speed: "Speed", heading: "Heading", time: "Position of",
    seen: "Last heard", inside: "Inside", fuel: "Fuel", odometer: "Odometer", battery: "Battery", cargo: "Cargo",
    ignition: "Ignition", on: "on", off: "off", state: "State", more: "more", stops: "Stops", stop: "Stop",
    promise: "Promised", eta: "ETA", status: "Status", perSecond: "messages/s", lag: "lag", tooMany: "too many connections",
    help: "Arrows move, + − zoom, 0 shows all, / searches, F follows, L changes the language, Esc closes",
    fences: { depot: "depot", customer: "customer", zone: "zone", no_go: "no entry", corridor: "corridor",
      filling_plant: "filling plant" },
    events: {},
  },
  "zh-Hant": {
    fleet: "車隊", vehicles: "車輛", search: "搜尋車輛", states: "狀態", group: "群組", map: "地圖", allGroups: "所有群組",
    happenings: "事件", alertsOnly: "只看警報", zoomIn: "放大", zoomOut: "縮小", fit: "顯示全部", units: "單位",
    connected: "即時", away: "未連線", paused: "暫停", token: "權杖", enter: "進入", moving: "行駛中", idling: "怠速",
    parked: "停放", lost: "無定位", offline: "離線", follow: "跟隨", unfollow: "停止跟隨", close: "關閉", speed: "車速",
    heading: "方向", time: "定位時間", seen: "最後回報", inside: "所在圍欄", fuel: "油量", odometer: "里程", battery: "電壓",
    cargo: "貨艙溫度", ignition: "引擎", on: "開", off: "關", state: "狀態", more: "更多", stops: "停靠點", stop: "停靠點",
    promise: "約定時段", eta: "預計到達", status: "狀態", perSecond: "則/秒", lag: "延遲", tooMany: "連線過多",
    help: "方向鍵移動，+ − 縮放，0 顯示全部，/ 搜尋，F 跟隨，L 切換語言，Esc 關閉",
    fences: { depot: "配送站", customer: "客戶", zone: "配送區", no_go: "禁行區", corridor: "廊道", filling_plant: "灌裝場" },
    events: {
      "vehicle.online": "上線", "vehicle.offline": "離線", "vehicle.trip_started": "行程開始",
      "vehicle.trip_ended": "行程結束", "vehicle.idle_started": "開始怠速", "vehicle.idle_ended": "結束怠速",
      "vehicle.parked": "停放", "vehicle.position_rejected": "定位不可信", "vehicle.position_stale": "失去定位",
      "vehicle.position_recovered": "恢復定位", "vehicle.clock_skewed": "時鐘偏差", "vehicle.daily_summary": "每日摘要",
      "geofence.entered": "進入", "geofence.exited": "離開", "geofence.crossed": "穿越", "geofence.dwelled": "停留",
      "geofence.prohibited_entered": "闖入禁行區", "geofence.outside_hours": "非開放時間",
      "safety.speeding_started": "超速", "safety.speeding_ended": "超速結束", "safety.harsh_braking": "急煞車",
      "safety.harsh_acceleration": "急加速", "safety.harsh_cornering": "急轉彎", "safety.crash_suspected": "疑似事故",
      "safety.sos": "求救", "safety.tamper": "設備遭破壞", "safety.tow_suspected": "疑似拖吊",
      "safety.driving_hours_exceeded": "超時駕駛", "condition.fuel_dropped": "油量驟降", "condition.refuelled": "加油",
      "condition.temperature_exceeded": "溫度超限", "condition.temperature_restored": "溫度恢復",
      "condition.battery_low": "電壓過低", "condition.dtc_raised": "故障碼", "condition.maintenance_due": "需保養",
      "condition.door_opened_outside_stop": "途中開門", "condition.engine_started": "引擎啟動",
      "condition.engine_stopped": "引擎熄火", "delivery.assigned": "已派單", "delivery.en_route": "配送中",
      "delivery.approaching": "即將到達", "delivery.planned": "已排定",
      "delivery.loaded": "已裝車", "delivery.servicing": "作業中", "delivery.service_started": "開始作業",
      "delivery.reschedule_requested": "要求改期", "delivery.at_risk_cleared": "可準時", "delivery.disputed": "紀錄不符",
      "delivery.proof_missing": "缺少簽收", "route.departed_depot": "離開配送站", "route.returned_to_depot": "返回配送站",
      "route.rejoined": "回到路線", "route.out_of_sequence": "順序不符", "finance.cod_collected": "已收貨款", "delivery.arrived": "已到達", "delivery.delivered": "已送達",
      "delivery.partially_delivered": "部分送達", "delivery.failed": "配送失敗", "delivery.refused": "客戶拒收",
      "delivery.departed": "已離開", "delivery.at_risk": "可能遲到", "delivery.cancelled": "已取消",
      "eta.updated": "預計到達更新", "route.deviated": "偏離路線", "route.completed": "路線完成",
      "system.gps_outage": "大範圍定位中斷", "system.source_lagging": "資料來源延遲",
    },
  },
};

export let language = localStorage.getItem("language")
  ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh-Hant" : "en");
export let units = localStorage.getItem("units") ?? (/-(US|GB|LR|MM)$/.test(navigator.language) ? "mi" : "km");

export function say(word) {
  return words[language][word] ?? words.en[word] ?? word;
}

/** The kind of a geofence, or an event's type, for people. */
export function sayFence(kind) {
  return words[language].fences[kind] ?? kind.replaceAll("_", " ");
}

export function sayEvent(type) {
  return words[language].events[type] ?? type.slice(type.indexOf(".") + 1).replaceAll("_", " ");
}

/** Changes the language and every text of the page that says of itself what it is. */
export function setLanguage(next) {
  language = next;
  localStorage.setItem("language", next);
  document.documentElement.lang = next;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = say(element.dataset.label);
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = say(element.dataset.hint);
  for (const element of document.querySelectorAll("[data-tip]")) {
    element.title = say(element.dataset.tip);
    element.ariaLabel = element.title;
  }
  const button = document.getElementById("language");
  button.textContent = next === "en" ? "繁體中文" : "English";
  button.lang = next === "en" ? "zh-Hant" : "en";
  document.getElementById("canvas").title = say("help");
}

export function setUnits(next) {
  units = next;
  localStorage.setItem("units", next);
  document.getElementById("units").textContent = next;
}

/** A speed for people; nothing where there is none. */
export function saySpeed(speed_kmh) {
  if (speed_kmh === undefined || speed_kmh === null) return "";
  return units === "mi" ? `${Math.round(speed_kmh / 1.609344)} mph` : `${Math.round(speed_kmh)} km/h`;
}

export function sayDistance(distance_km) {
  return units === "mi" ? `${(distance_km / 1.609344).toFixed(1)} mi` : `${distance_km.toFixed(1)} km`;
}

/** A time in the viewer's zone, with the day where it is another one. */
export function sayTime(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "";
  const isToday = date.toDateString() === new Date().toDateString();
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
  const locale = language === "en" ? "en-GB" : "zh-TW";
  return isToday
    ? date.toLocaleTimeString(locale, clock)
    : date.toLocaleString(locale, { ...clock, month: "numeric", day: "numeric" });
}

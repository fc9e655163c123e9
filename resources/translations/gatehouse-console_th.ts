<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<TS version="2.1" language="th_TH" sourcelanguage="en">
<context>
    <name>gatehouse::AccessModel</name>
    <message>
        <source>%1 (%2 connections each)</source>
        <translation>%1 (%2 การเชื่อมต่อต่อที่อยู่)</translation>
    </message>
    <message>
        <source>By</source>
        <translation>โดย</translation>
    </message>
    <message>
        <source>Ends</source>
        <translation>สิ้นสุด</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>ชนิด</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>หมายเหตุ</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>เหตุผล</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>ตั้งแต่</translation>
    </message>
    <message>
        <source>What</source>
        <translation>สิ่งที่ระบุ</translation>
    </message>
    <message>
        <source>in %1</source>
        <translation>ในอีก %1</translation>
    </message>
    <message>
        <source>now</source>
        <translation>ขณะนี้</translation>
    </message>
    <message>
        <source>when lifted</source>
        <translation>เมื่อยกเลิก</translation>
    </message>
</context>
<context>
    <name>gatehouse::AccessOutcome</name>
    <message>
        <source>%1 is banned.</source>
        <translation>%1 ถูกห้ามแล้ว</translation>
    </message>
    <message>
        <source>%1: %2 connections of each address.</source>
        <translation>%1: %2 การเชื่อมต่อต่อหนึ่งที่อยู่</translation>
    </message>
    <message>
        <source>%1 is exempt from limits.</source>
        <translation>%1 ได้รับการยกเว้นจากขีดจำกัดแล้ว</translation>
    </message>
    <message>
        <source>%1 is logged out everywhere.</source>
        <translation>%1 ถูกออกจากระบบทุกที่แล้ว</translation>
    </message>
    <message>
        <source>%1: somebody has lifted it, or it has ended.</source>
        <translation>%1: มีคนยกเลิกแล้ว หรือสิ้นสุดไปแล้ว</translation>
    </message>
    <message>
        <source>%1: somebody has made it again, or it would have ended by now.</source>
        <translation>%1: มีคนสร้างขึ้นใหม่แล้ว หรือถึงกำหนดสิ้นสุดไปแล้ว</translation>
    </message>
    <message>
        <source>It is as it was.</source>
        <translation>กลับเป็นเหมือนเดิมแล้ว</translation>
    </message>
    <message>
        <source>The ban of %1 is lifted.</source>
        <translation>ยกเลิกการห้าม %1 แล้ว</translation>
    </message>
    <message>
        <source>The exemption of %1 is lifted.</source>
        <translation>ยกเลิกการยกเว้น %1 แล้ว</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>เลิกทำ</translation>
    </message>
</context>
<context>
    <name>gatehouse::ActiveConnectionsChart</name>
    <message>
        <source>Active connections</source>
        <translation>การเชื่อมต่อที่เปิดอยู่</translation>
    </message>
    <message>
        <source>connections</source>
        <translation>การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>now</source>
        <translation>ตอนนี้</translation>
    </message>
    <message>
        <source>highest shown</source>
        <translation>สูงสุดที่แสดง</translation>
    </message>
    <message>
        <source>limit</source>
        <translation>ขีดจำกัด</translation>
    </message>
    <message>
        <source>last</source>
        <translation>ล่าสุด</translation>
    </message>
</context>
<context>
    <name>gatehouse::AlertRulesModel</name>
    <message>
        <source>Must be from %1 to %2.</source>
        <translation>ต้องอยู่ระหว่าง %1 ถึง %2</translation>
    </message>
    <message>
        <source>“Clear below” must not be above “Raise above”.</source>
        <translation>“ยกเลิกเมื่อต่ำกว่า” ต้องไม่สูงกว่า “เตือนเมื่อเกิน”</translation>
    </message>
    <message>
        <source>On</source>
        <translation>เปิด</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>การแจ้งเตือน</translation>
    </message>
    <message>
        <source>Raise above</source>
        <translation>เตือนเมื่อเกิน</translation>
    </message>
    <message>
        <source>Clear below</source>
        <translation>ยกเลิกเมื่อต่ำกว่า</translation>
    </message>
    <message>
        <source>For at least (seconds)</source>
        <translation>นานอย่างน้อย (วินาที)</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>หน่วย</translation>
    </message>
    <message>
        <source>A number is missing.</source>
        <translation>ขาดตัวเลข</translation>
    </message>
    <message>
        <source>“%1” is not a number.</source>
        <translation>“%1” ไม่ใช่ตัวเลข</translation>
    </message>
</context>
<context>
    <name>gatehouse::AlertsModel</name>
    <message>
        <source>Raised</source>
        <translation>เริ่มเตือน</translation>
    </message>
    <message>
        <source>Cleared</source>
        <translation>ยกเลิกแล้ว</translation>
    </message>
    <message>
        <source>%1 by %2</source>
        <translation>%1 โดย %2</translation>
    </message>
    <message>
        <source>State</source>
        <translation>สถานะ</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>การแจ้งเตือน</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>ค่า</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>ค่าขีดเตือน</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>รับทราบแล้ว</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>หน่วย</translation>
    </message>
    <message>
        <source>%1: %2 (threshold %3)</source>
        <translation>%1: %2 (เกณฑ์ %3)</translation>
    </message>
</context>
<context>
    <name>gatehouse::AlertsPage</name>
    <message>
        <source>Alerts</source>
        <translation>การแจ้งเตือน</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>รับทราบ</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>กฎ</translation>
    </message>
    <message>
        <source>Save rules</source>
        <translation>บันทึกกฎ</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>ละทิ้ง</translation>
    </message>
    <message>
        <source>No alert was raised.</source>
        <translation>ยังไม่มีการแจ้งเตือน</translation>
    </message>
    <message>
        <source>An alert is raised above one value and cleared below another, so that it does not flutter. Double-click a number to change it.</source>
        <translation>การแจ้งเตือนเริ่มเมื่อเกินค่าหนึ่งและยกเลิกเมื่อต่ำกว่าอีกค่าหนึ่ง เพื่อไม่ให้สลับไปมา ดับเบิลคลิกที่ตัวเลขเพื่อแก้ไข</translation>
    </message>
    <message>
        <source>none active</source>
        <translation>ไม่มีที่ทำงานอยู่</translation>
    </message>
    <message numerus="yes">
        <source>%n active</source>
        <translation>
            <numerusform>กำลังเตือน %n รายการ</numerusform>
        </translation>
    </message>
    <message>
        <source>The rules are saved and in force.</source>
        <translation>บันทึกกฎแล้วและมีผลบังคับใช้</translation>
    </message>
</context>
<context>
    <name>gatehouse::BanDialog</name>
    <message>
        <source>not counted</source>
        <translation>ไม่นับ</translation>
    </message>
    <message>
        <source>Connections of an address</source>
        <translation>การเชื่อมต่อต่อที่อยู่</translation>
    </message>
    <message>
        <source>The user&apos;s connections are closed at once, and none is let in, whatever the token.</source>
        <translation>การเชื่อมต่อของผู้ใช้จะถูกปิดทันที และจะไม่มีการเชื่อมต่อใดผ่านเข้ามาได้ ไม่ว่าจะใช้โทเค็นใด</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>All tokens of a user until now</source>
        <translation>โทเค็นทั้งหมดของผู้ใช้จนถึงขณะนี้</translation>
    </message>
    <message>
        <source>Ban all the same</source>
        <translation>ห้ามต่อไป</translation>
    </message>
    <message>
        <source>Ban</source>
        <translation>ห้าม</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>ยกเลิก</translation>
    </message>
    <message>
        <source>Connections from there count neither for the limit of connections per address nor for that of reconnects; with a number, each address may have so many. A ban wins.</source>
        <translation>การเชื่อมต่อจากที่นั่นจะไม่นับรวมในขีดจำกัดการเชื่อมต่อต่อที่อยู่และขีดจำกัดการเชื่อมต่อใหม่ หากกำหนดจำนวน แต่ละที่อยู่มีการเชื่อมต่อได้เท่านั้น แต่การห้ามมีผลเหนือกว่า</translation>
    </message>
    <message>
        <source>Ends</source>
        <translation>สิ้นสุด</translation>
    </message>
    <message>
        <source>Exempt from limits</source>
        <translation>ยกเว้นจากขีดจำกัด</translation>
    </message>
    <message>
        <source>Exempt</source>
        <translation>ยกเว้น</translation>
    </message>
    <message>
        <source>Its open connections are closed at once. An IPv6 address stands for its /64.</source>
        <translation>การเชื่อมต่อที่เปิดอยู่จะถูกปิดทันที ที่อยู่ IPv6 หมายถึงทั้ง /64 ของที่อยู่นั้น</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>ชนิด</translation>
    </message>
    <message>
        <source>Logs the user out everywhere: every token issued until now is refused, a new log-in works.</source>
        <translation>ให้ผู้ใช้ออกจากระบบทุกที่: โทเค็นทุกตัวที่ออกจนถึงขณะนี้จะถูกปฏิเสธ แต่เข้าสู่ระบบใหม่ได้</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>เครือข่าย</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>หมายเหตุ</translation>
    </message>
    <message>
        <source>Open connections from there are closed at once.</source>
        <translation>การเชื่อมต่อที่เปิดอยู่จากที่นั่นจะถูกปิดทันที</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>เหตุผล</translation>
    </message>
    <message>
        <source>This one token is refused; its open connections are closed at once.</source>
        <translation>โทเค็นนี้ตัวเดียวจะถูกปฏิเสธ และการเชื่อมต่อที่เปิดอยู่ของโทเค็นนี้จะถูกปิดทันที</translation>
    </message>
    <message>
        <source>This would ban the last administrator.</source>
        <translation>การห้ามนี้จะห้ามผู้ดูแลระบบคนสุดท้าย</translation>
    </message>
    <message>
        <source>Nobody would be left who may lift this ban, throw the switch or manage the server from here. To undo it, ADMIN_USERS must be changed on the server.</source>
        <translation>จะไม่เหลือใครที่ยกเลิกการห้ามนี้ เปิดปิดสวิตช์ หรือจัดการเซิร์ฟเวอร์จากที่นี่ได้ หากต้องการย้อนกลับต้องแก้ ADMIN_USERS บนเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>This would ban you too.</source>
        <translation>การห้ามนี้จะรวมถึงคุณด้วย</translation>
    </message>
    <message>
        <source>Token id (jti)</source>
        <translation>รหัสโทเค็น (jti)</translation>
    </message>
    <message>
        <source>User</source>
        <translation>ผู้ใช้</translation>
    </message>
    <message>
        <source>What</source>
        <translation>สิ่งที่ระบุ</translation>
    </message>
    <message>
        <source>Your own address, user or token is among what this bans. The admin API stays reachable from a banned address, but not for a banned user.</source>
        <translation>ที่อยู่ ผู้ใช้ หรือโทเค็นของคุณเองรวมอยู่ในสิ่งที่จะถูกห้าม API ผู้ดูแลยังเข้าถึงได้จากที่อยู่ที่ถูกห้าม แต่ผู้ใช้ที่ถูกห้ามเข้าถึงไม่ได้</translation>
    </message>
    <message>
        <source>after 30 days</source>
        <translation>หลัง 30 วัน</translation>
    </message>
    <message>
        <source>after a day</source>
        <translation>หลังหนึ่งวัน</translation>
    </message>
    <message>
        <source>after a week</source>
        <translation>หลังหนึ่งสัปดาห์</translation>
    </message>
    <message>
        <source>after an hour</source>
        <translation>หลังหนึ่งชั่วโมง</translation>
    </message>
    <message>
        <source>for operators; clients are not told</source>
        <translation>สำหรับผู้ปฏิบัติงาน ไม่แจ้งไคลเอนต์</translation>
    </message>
    <message>
        <source>when it is lifted</source>
        <translation>เมื่อยกเลิก</translation>
    </message>
</context>
<context>
    <name>gatehouse::BansPage</name>
    <message>
        <source>%1 in force</source>
        <translation>มีผลอยู่ %1 รายการ</translation>
    </message>
    <message>
        <source>%1 match the filter</source>
        <translation>ตรงกับตัวกรอง %1</translation>
    </message>
    <message>
        <source>%1 of %2 loaded</source>
        <translation>โหลดแล้ว %1 จาก %2</translation>
    </message>
    <message>
        <source>All tokens of a user</source>
        <translation>โทเค็นทั้งหมดของผู้ใช้</translation>
    </message>
    <message>
        <source>Bans and exemptions</source>
        <translation>การห้ามและการยกเว้น</translation>
    </message>
    <message>
        <source>Bans</source>
        <translation>การห้าม</translation>
    </message>
    <message>
        <source>Ban…</source>
        <translation>ห้าม…</translation>
    </message>
    <message>
        <source>Exemptions</source>
        <translation>การยกเว้น</translation>
    </message>
    <message>
        <source>Exempt…</source>
        <translation>ยกเว้น…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>ส่งออก…</translation>
    </message>
    <message>
        <source>Filter what, reason, note, who…</source>
        <translation>กรองสิ่งที่ระบุ เหตุผล หมายเหตุ ผู้ทำ…</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>ตัวกรอง</translation>
    </message>
    <message>
        <source>Lift the ban of “%1”?</source>
        <translation>ยกเลิกการห้าม “%1” หรือไม่</translation>
    </message>
    <message>
        <source>Lift the exemption of “%1”?</source>
        <translation>ยกเลิกการยกเว้น “%1” หรือไม่</translation>
    </message>
    <message>
        <source>Lift</source>
        <translation>ยกเลิกรายการ</translation>
    </message>
    <message>
        <source>Lift…</source>
        <translation>ยกเลิกรายการ…</translation>
    </message>
    <message>
        <source>List</source>
        <translation>รายการ</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>เครือข่าย</translation>
    </message>
    <message>
        <source>Nothing fits the filter.</source>
        <translation>ไม่มีรายการที่ตรงกับตัวกรอง</translation>
    </message>
    <message>
        <source>Nothing is banned.</source>
        <translation>ไม่มีสิ่งใดถูกห้าม</translation>
    </message>
    <message>
        <source>Nothing is exempt.</source>
        <translation>ไม่มีสิ่งใดได้รับการยกเว้น</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>รีเฟรช</translation>
    </message>
    <message>
        <source>The limits count its connections again. You can undo this.</source>
        <translation>ขีดจำกัดจะนับการเชื่อมต่อเหล่านั้นอีกครั้ง คุณเลิกทำได้</translation>
    </message>
    <message>
        <source>Who it is about may connect again at once. You can undo this.</source>
        <translation>ผู้ที่ถูกห้ามจะเชื่อมต่อได้อีกทันที คุณเลิกทำได้</translation>
    </message>
</context>
<context>
    <name>gatehouse::CallLog</name>
    <message>
        <source>%1 ms</source>
        <translation>%1 มิลลิวินาที</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>เวลา</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>เมธอด</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>เส้นทาง</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>สถานะ</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>ระยะเวลา</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>ข้อผิดพลาด</translation>
    </message>
</context>
<context>
    <name>gatehouse::ChangeMarkers</name>
    <message>
        <source>%1 by %2</source>
        <translation>%1 โดย %2</translation>
    </message>
    <message>
        <source>Note: %1</source>
        <translation>หมายเหตุ: %1</translation>
    </message>
    <message>
        <source>Guards off</source>
        <translation>ปิดด่าน</translation>
    </message>
    <message>
        <source>Guards on</source>
        <translation>เปิดด่าน</translation>
    </message>
</context>
<context>
    <name>gatehouse::ChartPainter</name>
    <message>
        <source>limit %1</source>
        <translation>ขีดจำกัด %1</translation>
    </message>
    <message>
        <source>no data</source>
        <translation>ไม่มีข้อมูล</translation>
    </message>
    <message>
        <source>guards off</source>
        <translation>ด่านปิดอยู่</translation>
    </message>
</context>
<context>
    <name>gatehouse::CommandPalette</name>
    <message>
        <source>Go to</source>
        <translation>ไปที่</translation>
    </message>
    <message>
        <source>Page, limit, action, server, address or user</source>
        <translation>หน้า ขีดจำกัด คำสั่ง เซิร์ฟเวอร์ ที่อยู่ หรือผู้ใช้</translation>
    </message>
    <message>
        <source>What fits</source>
        <translation>รายการที่ตรง</translation>
    </message>
    <message>
        <source>What to go to or to do</source>
        <translation>สิ่งที่จะไปหรือจะทำ</translation>
    </message>
</context>
<context>
    <name>gatehouse::ConnectDialog</name>
    <message>
        <source>Connect to a server</source>
        <translation>เชื่อมต่อกับเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>Saved servers</source>
        <translation>เซิร์ฟเวอร์ที่บันทึกไว้</translation>
    </message>
    <message>
        <source>New</source>
        <translation>ใหม่</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>ลบ</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>ทดสอบ</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>เชื่อมต่อ</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>ยกเลิก</translation>
    </message>
    <message>
        <source>Delete the saved server?</source>
        <translation>ลบเซิร์ฟเวอร์ที่บันทึกไว้หรือไม่</translation>
    </message>
    <message>
        <source>&quot;%1&quot; and its stored token are forgotten. The server itself is not touched.</source>
        <translation>ระบบจะลืม &quot;%1&quot; และโทเค็นที่เก็บไว้ ตัวเซิร์ฟเวอร์จะไม่ถูกแตะต้อง</translation>
    </message>
    <message>
        <source>Asking %1…</source>
        <translation>กำลังถาม %1…</translation>
    </message>
    <message>
        <source>Gatehouse %1 answers; the token&apos;s role is %2.</source>
        <translation>Gatehouse %1 ตอบกลับ บทบาทของโทเค็นคือ %2</translation>
    </message>
    <message>
        <source>%1 The token is not stored; click Connect to use it for this time only.</source>
        <translation>%1 โทเค็นไม่ถูกเก็บไว้ กดเชื่อมต่อเพื่อใช้เฉพาะครั้งนี้</translation>
    </message>
    <message>
        <source>All saved servers, without their tokens</source>
        <translation>เซิร์ฟเวอร์ที่บันทึกไว้ทั้งหมด โดยไม่มีโทเค็น</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>ส่งออก…</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>นำเข้า…</translation>
    </message>
    <message>
        <source>No server at hand? This starts one on this computer, for as long as the console runs, and connects to it.</source>
        <translation>ยังไม่มีเซิร์ฟเวอร์หรือ ปุ่มนี้เริ่มเซิร์ฟเวอร์บนเครื่องนี้ตลอดเวลาที่คอนโซลทำงาน แล้วเชื่อมต่อให้</translation>
    </message>
    <message>
        <source>Start a local server</source>
        <translation>เริ่มเซิร์ฟเวอร์ในเครื่อง</translation>
    </message>
</context>
<context>
    <name>gatehouse::ConnectionStatus</name>
    <message>
        <source>Disconnected</source>
        <translation>ตัดการเชื่อมต่อแล้ว</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>กำลังเชื่อมต่อ…</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>สด</translation>
    </message>
    <message>
        <source>No data</source>
        <translation>ไม่มีข้อมูล</translation>
    </message>
    <message>
        <source>Connection lost</source>
        <translation>การเชื่อมต่อขาดหาย</translation>
    </message>
    <message>
        <source>Access denied</source>
        <translation>ถูกปฏิเสธการเข้าถึง</translation>
    </message>
</context>
<context>
    <name>gatehouse::ConnectionsModel</name>
    <message>
        <source>User</source>
        <translation>ผู้ใช้</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Origin</translation>
    </message>
    <message>
        <source>Connected for</source>
        <translation>เชื่อมต่อมาแล้ว</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>คิว</translation>
    </message>
    <message>
        <source>Client</source>
        <translation>ไคลเอนต์</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>เวิร์กเกอร์</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>In</source>
        <translation>เข้า</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>ออก</translation>
    </message>
    <message>
        <source>Last minute</source>
        <translation>นาทีล่าสุด</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>โหนด</translation>
    </message>
</context>
<context>
    <name>gatehouse::ConnectionsPage</name>
    <message>
        <source>%1 on %2</source>
        <translation>%1 บน %2</translation>
    </message>
    <message>
        <source>Disconnected: %1</source>
        <translation>ตัดการเชื่อมต่อแล้ว: %1</translation>
    </message>
    <message>
        <source>Left %1 ago</source>
        <translation>ออกไปแล้วเมื่อ %1 ก่อน</translation>
    </message>
    <message>
        <source>Not in the list as it is filtered and loaded</source>
        <translation>ไม่อยู่ในรายการตามที่กรองและโหลดไว้</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>รีเฟรช</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Select a row to see the whole connection.</source>
        <translation>เลือกแถวเพื่อดูรายละเอียดการเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Disconnect…</source>
        <translation>ตัดการเชื่อมต่อ…</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>ตัวกรอง</translation>
    </message>
    <message>
        <source>Filter user, address, origin, client…</source>
        <translation>กรองผู้ใช้ ที่อยู่ Origin ไคลเอนต์…</translation>
    </message>
    <message>
        <source>%1 of %2 loaded</source>
        <translation>โหลดแล้ว %1 จาก %2</translation>
    </message>
    <message>
        <source>%1 open</source>
        <translation>เปิดอยู่ %1</translation>
    </message>
    <message>
        <source>%1 match the filter</source>
        <translation>ตรงกับตัวกรอง %1</translation>
    </message>
    <message>
        <source>User</source>
        <translation>ผู้ใช้</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Origin</translation>
    </message>
    <message>
        <source>Client</source>
        <translation>ไคลเอนต์</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>ตั้งแต่</translation>
    </message>
    <message>
        <source>Messages in</source>
        <translation>ข้อความเข้า</translation>
    </message>
    <message>
        <source>Messages out</source>
        <translation>ข้อความออก</translation>
    </message>
    <message>
        <source>In the last minute</source>
        <translation>ในนาทีที่ผ่านมา</translation>
    </message>
    <message>
        <source>Waiting to be sent</source>
        <translation>รอส่ง</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>เวิร์กเกอร์</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>รหัส</translation>
    </message>
    <message>
        <source>Disconnect %1?</source>
        <translation>ตัดการเชื่อมต่อ %1 หรือไม่</translation>
    </message>
    <message>
        <source>The client is told with close code 4133; it may come back at once.</source>
        <translation>ไคลเอนต์จะได้รับรหัสปิด 4133 และอาจเชื่อมต่อใหม่ได้ทันที</translation>
    </message>
    <message>
        <source>Disconnect</source>
        <translation>ตัดการเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>ส่งออก…</translation>
    </message>
    <message>
        <source>Ban</source>
        <translation>ห้าม</translation>
    </message>
    <message>
        <source>Not in the list, because they do not answer: %1</source>
        <translation>ไม่อยู่ในรายการเพราะไม่ตอบ: %1</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>โหนด</translation>
    </message>
    <message>
        <source>user %1 (%2) on %3</source>
        <translation>ผู้ใช้ %1 (%2) บน %3</translation>
    </message>
</context>
<context>
    <name>gatehouse::ConsoleApp</name>
    <message>
        <source>The local server did not start</source>
        <translation>เซิร์ฟเวอร์ในเครื่องไม่เริ่มทำงาน</translation>
    </message>
</context>
<context>
    <name>gatehouse::DecisionsModel</name>
    <message>
        <source>%1 more of that time were counted by the server, but not kept one by one</source>
        <translation>เซิร์ฟเวอร์นับได้อีก %1 ครั้งในช่วงเวลานั้น แต่ไม่ได้เก็บไว้ทีละรายการ</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>ถูกปฏิเสธ</translation>
    </message>
    <message>
        <source>Observed</source>
        <translation>สังเกตเท่านั้น</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>เวลา</translation>
    </message>
    <message>
        <source>Guard</source>
        <translation>ด่าน</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>เหตุผล</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>User</source>
        <translation>ผู้ใช้</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Origin</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>การดำเนินการ</translation>
    </message>
    <message>
        <source>Seen / limit</source>
        <translation>พบ / ขีดจำกัด</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>โหนด</translation>
    </message>
</context>
<context>
    <name>gatehouse::HttpAdminCalls</name>
    <message>
        <source>The console is not connected to a server.</source>
        <translation>คอนโซลยังไม่ได้เชื่อมต่อกับเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>There is a web server at %1, but it is not a Gatehouse.</source>
        <translation>มีเว็บเซิร์ฟเวอร์ที่ %1 แต่ไม่ใช่ Gatehouse</translation>
    </message>
    <message>
        <source>A token is needed. On the server, “gatehouse token --user me --role admin” makes one.</source>
        <translation>ต้องมีโทเค็น บนเซิร์ฟเวอร์ใช้คำสั่ง “gatehouse token --user me --role admin” เพื่อสร้าง</translation>
    </message>
    <message>
        <source>The token is valid, but it is not one of a viewer, operator or admin.</source>
        <translation>โทเค็นถูกต้อง แต่ไม่มีบทบาท viewer, operator หรือ admin</translation>
    </message>
    <message>
        <source>The server&apos;s answer cannot be read: %1</source>
        <translation>อ่านคำตอบของเซิร์ฟเวอร์ไม่ได้: %1</translation>
    </message>
</context>
<context>
    <name>gatehouse::HttpAdminClient</name>
    <message>
        <source>The server does not accept the token. %1</source>
        <translation>เซิร์ฟเวอร์ไม่ยอมรับโทเค็น %1</translation>
    </message>
    <message>
        <source>The token is not one of an administrator. %1</source>
        <translation>โทเค็นไม่ใช่ของผู้ดูแลระบบ %1</translation>
    </message>
    <message>
        <source>The server is connected but sends no data.</source>
        <translation>เชื่อมต่อกับเซิร์ฟเวอร์อยู่ แต่ไม่มีข้อมูลส่งมา</translation>
    </message>
</context>
<context>
    <name>gatehouse::HttpCaller</name>
    <message>
        <source>The call was cancelled.</source>
        <translation>ยกเลิกการเรียกแล้ว</translation>
    </message>
    <message>
        <source>What %1 answered is not the JSON of a Gatehouse server.</source>
        <translation>คำตอบของ %1 ไม่ใช่ JSON ของเซิร์ฟเวอร์ Gatehouse</translation>
    </message>
    <message>
        <source>Nothing listens at %1: connection refused.</source>
        <translation>ไม่มีสิ่งใดรับการเชื่อมต่อที่ %1: ถูกปฏิเสธ</translation>
    </message>
    <message>
        <source>There is no host named %1.</source>
        <translation>ไม่มีโฮสต์ชื่อ %1</translation>
    </message>
    <message>
        <source>%1 did not answer in time.</source>
        <translation>%1 ไม่ตอบภายในเวลา</translation>
    </message>
    <message>
        <source>No secure connection to %1: %2</source>
        <translation>เชื่อมต่ออย่างปลอดภัยกับ %1 ไม่ได้: %2</translation>
    </message>
    <message>
        <source>%1 closed the connection without a whole answer.</source>
        <translation>%1 ปิดการเชื่อมต่อก่อนตอบครบ</translation>
    </message>
    <message>
        <source>%1 does not speak HTTP: %2</source>
        <translation>%1 ไม่ได้ใช้ HTTP: %2</translation>
    </message>
    <message>
        <source>No answer from %1: %2</source>
        <translation>ไม่มีคำตอบจาก %1: %2</translation>
    </message>
    <message>
        <source>%1 redirects to %2. Enter the server&apos;s own address.</source>
        <translation>%1 ส่งต่อไปที่ %2 โปรดใส่ที่อยู่ของเซิร์ฟเวอร์เอง</translation>
    </message>
    <message>
        <source>%1 answered %2, but not as a Gatehouse server does.</source>
        <translation>%1 ตอบ %2 แต่ไม่ใช่แบบเซิร์ฟเวอร์ Gatehouse</translation>
    </message>
</context>
<context>
    <name>gatehouse::KeychainVault</name>
    <message>
        <source>There is no keychain on this system, so the token cannot be stored safely.</source>
        <translation>ระบบนี้ไม่มีพวงกุญแจ จึงเก็บโทเค็นอย่างปลอดภัยไม่ได้</translation>
    </message>
    <message>
        <source>Access to the keychain was denied.</source>
        <translation>ถูกปฏิเสธการเข้าถึงพวงกุญแจ</translation>
    </message>
    <message>
        <source>The keychain does not work: %1</source>
        <translation>พวงกุญแจใช้งานไม่ได้: %1</translation>
    </message>
</context>
<context>
    <name>gatehouse::LimitsController</name>
    <message>
        <source>Back to revision %1</source>
        <translation>กลับไปยังรุ่น %1</translation>
    </message>
    <message>
        <source>Not all revisions since then are known here; they are asked for again.</source>
        <translation>ที่นี่ยังไม่ทราบรุ่นทั้งหมดตั้งแต่นั้นมา กำลังขอใหม่</translation>
    </message>
    <message>
        <source>Somebody changed other limits meanwhile. Nothing was sent; apply it again.</source>
        <translation>มีผู้อื่นเปลี่ยนขีดจำกัดอื่นระหว่างนั้น ยังไม่ได้ส่งอะไร โปรดใช้อีกครั้ง</translation>
    </message>
    <message>
        <source>The values of revision %1 are in force.</source>
        <translation>ค่าของรุ่น %1 มีผลอยู่แล้ว</translation>
    </message>
    <message>
        <source>Undoes revision %1</source>
        <translation>เลิกทำรุ่น %1</translation>
    </message>
</context>
<context>
    <name>gatehouse::LimitsEditor</name>
    <message>
        <source>Limit</source>
        <translation>ขีดจำกัด</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>ค่า</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>ค่าเริ่มต้น</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>โหมด</translation>
    </message>
    <message>
        <source>Allowed</source>
        <translation>ช่วงที่อนุญาต</translation>
    </message>
    <message>
        <source>Changed by</source>
        <translation>แก้ไขโดย</translation>
    </message>
    <message>
        <source>Mode of %1</source>
        <translation>โหมดของ %1</translation>
    </message>
</context>
<context>
    <name>gatehouse::LimitsModel</name>
    <message>
        <source>%1 – %2</source>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>never</source>
        <translation>ไม่เคย</translation>
    </message>
    <message>
        <source>%1 by %2</source>
        <translation>%1 โดย %2</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>ขีดจำกัด</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>ค่า</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>โหมด</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>หน่วย</translation>
    </message>
    <message>
        <source>Allowed</source>
        <translation>ช่วงที่อนุญาต</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>ค่าเริ่มต้น</translation>
    </message>
    <message>
        <source>Last changed</source>
        <translation>แก้ไขล่าสุด</translation>
    </message>
</context>
<context>
    <name>gatehouse::LoadMore</name>
    <message>
        <source>Load more</source>
        <translation>โหลดเพิ่ม</translation>
    </message>
</context>
<context>
    <name>gatehouse::NavigationBar</name>
    <message numerus="yes">
        <source>%n raised</source>
        <translation>
            <numerusform>แจ้งเตือนอยู่ %n รายการ</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n to acknowledge</source>
        <translation>
            <numerusform>รอรับทราบ %n รายการ</numerusform>
        </translation>
    </message>
    <message>
        <source>Ctrl+%1</source>
        <translation>Ctrl+%1</translation>
    </message>
</context>
<context>
    <name>gatehouse::NoticeStrip</name>
    <message>
        <source>Turn on…</source>
        <translation>เปิด…</translation>
    </message>
    <message>
        <source>+%1 more</source>
        <translation>อีก %1 รายการ</translation>
    </message>
    <message>
        <source>Connect…</source>
        <translation>เชื่อมต่อ…</translation>
    </message>
    <message>
        <source>New token…</source>
        <translation>โทเค็นใหม่…</translation>
    </message>
    <message>
        <source>Reconnect</source>
        <translation>เชื่อมต่อใหม่</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>แสดง</translation>
    </message>
</context>
<context>
    <name>gatehouse::Notices</name>
    <message>
        <source>%1 (%2) – Gatehouse</source>
        <translation>%1 (%2) – Gatehouse</translation>
    </message>
    <message>
        <source>%1 denies access</source>
        <translation>%1 ปฏิเสธการเข้าถึง</translation>
    </message>
    <message>
        <source>%1 – Gatehouse</source>
        <translation>%1 – Gatehouse</translation>
    </message>
    <message numerus="yes">
        <source>%n alert(s)</source>
        <translation>
            <numerusform>การแจ้งเตือน %n รายการ</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln refusal(s) in the last minute</source>
        <translation>
            <numerusform>ปฏิเสธ %Ln ครั้งในนาทีที่ผ่านมา</numerusform>
        </translation>
    </message>
    <message>
        <source>Connected to %1</source>
        <translation>เชื่อมต่อกับ %1 แล้ว</translation>
    </message>
    <message>
        <source>Connecting to %1…</source>
        <translation>กำลังเชื่อมต่อกับ %1…</translation>
    </message>
    <message>
        <source>Connection lost</source>
        <translation>การเชื่อมต่อขาด</translation>
    </message>
    <message numerus="yes">
        <source>Connection lost, next try in %n second(s)</source>
        <translation>
            <numerusform>การเชื่อมต่อขาด ลองใหม่ใน %n วินาที</numerusform>
        </translation>
    </message>
    <message>
        <source>Gatehouse</source>
        <translation>Gatehouse</translation>
    </message>
    <message>
        <source>No data from %1</source>
        <translation>ไม่มีข้อมูลจาก %1</translation>
    </message>
    <message>
        <source>No server is chosen</source>
        <translation>ยังไม่ได้เลือกเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>Not connected to %1</source>
        <translation>ไม่ได้เชื่อมต่อกับ %1</translation>
    </message>
    <message>
        <source>The guards are off: nothing is limited or counted</source>
        <translation>ด่านปิดอยู่: ไม่มีการจำกัดหรือนับ</translation>
    </message>
    <message numerus="yes">
        <source>The token ends in %n minute(s)</source>
        <translation>
            <numerusform>โทเค็นจะหมดอายุใน %n นาที</numerusform>
        </translation>
    </message>
    <message>
        <source>The token has ended</source>
        <translation>โทเค็นหมดอายุแล้ว</translation>
    </message>
    <message>
        <source>acknowledged by %1</source>
        <translation>รับทราบโดย %1</translation>
    </message>
    <message>
        <source>after that the server denies access</source>
        <translation>หลังจากนั้นเซิร์ฟเวอร์จะปฏิเสธการเข้าถึง</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>และอีก %n รายการ</numerusform>
        </translation>
    </message>
    <message>
        <source>by %1, since %2</source>
        <translation>โดย %1 ตั้งแต่ %2</translation>
    </message>
    <message>
        <source>guards off</source>
        <translation>ด่านปิด</translation>
    </message>
    <message>
        <source>live</source>
        <translation>สด</translation>
    </message>
    <message>
        <source>since %1 at least</source>
        <translation>อย่างน้อยตั้งแต่ %1</translation>
    </message>
    <message>
        <source>token ends</source>
        <translation>โทเค็นใกล้หมดอายุ</translation>
    </message>
    <message>
        <source>what you see is from before</source>
        <translation>ข้อมูลที่เห็นเป็นของก่อนหน้านี้</translation>
    </message>
</context>
<context>
    <name>gatehouse::PaletteEntries</name>
    <message>
        <source>Action</source>
        <translation>คำสั่ง</translation>
    </message>
    <message>
        <source>Export the bans</source>
        <translation>ส่งออกการแบน</translation>
    </message>
    <message>
        <source>Export the charts as a picture</source>
        <translation>ส่งออกกราฟเป็นรูปภาพ</translation>
    </message>
    <message>
        <source>Export the connections</source>
        <translation>ส่งออกการเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Export the nodes</source>
        <translation>ส่งออกโหนด</translation>
    </message>
    <message>
        <source>Export the numbers of the charts</source>
        <translation>ส่งออกตัวเลขของกราฟ</translation>
    </message>
    <message>
        <source>Export the refusals</source>
        <translation>ส่งออกการปฏิเสธ</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>ขีดจำกัด</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>หน้า</translation>
    </message>
    <message>
        <source>Pause the charts, or go live</source>
        <translation>หยุดกราฟชั่วคราว หรือดูสด</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>เซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>Turn the guards on or off</source>
        <translation>เปิดหรือปิดด่าน</translation>
    </message>
</context>
<context>
    <name>gatehouse::PaletteModel</name>
    <message>
        <source>Refusals of the address %1</source>
        <translation>การปฏิเสธของที่อยู่ %1</translation>
    </message>
    <message>
        <source>Refusals of the user %1</source>
        <translation>การปฏิเสธของผู้ใช้ %1</translation>
    </message>
    <message>
        <source>Refusals</source>
        <translation>การปฏิเสธ</translation>
    </message>
</context>
<context>
    <name>gatehouse::StagedLimits</name>
    <message>
        <source>Must be from %1 to %2.</source>
        <translation>ต้องอยู่ระหว่าง %1 ถึง %2</translation>
    </message>
    <message>
        <source>“%1” is not a whole number.</source>
        <translation>“%1” ไม่ใช่จำนวนเต็ม</translation>
    </message>
    <message>
        <source>It is empty. %1</source>
        <translation>ว่างอยู่ %1</translation>
    </message>
</context>
<context>
    <name>gatehouse::LimitsPage</name>
    <message>
        <source>The guards are off</source>
        <translation>ด่านปิดอยู่</translation>
    </message>
    <message>
        <source>Strict</source>
        <translation>เข้มงวด</translation>
    </message>
    <message>
        <source>Guide defaults</source>
        <translation>ค่าตามคู่มือ</translation>
    </message>
    <message>
        <source>Site</source>
        <translation>เว็บไซต์</translation>
    </message>
    <message>
        <source>Stages what a site needs whose users share the addresses of offices</source>
        <translation>เตรียมค่าที่เหมาะกับเว็บไซต์ซึ่งผู้ใช้หลายคนใช้ที่อยู่ร่วมกัน เช่น ในสำนักงาน</translation>
    </message>
    <message>
        <source>High traffic</source>
        <translation>ปริมาณสูง</translation>
    </message>
    <message>
        <source>Revisions</source>
        <translation>ประวัติการแก้ไข</translation>
    </message>
    <message>
        <source>Stages half of the default connections, and fewer messages</source>
        <translation>เตรียมค่าครึ่งหนึ่งของการเชื่อมต่อเริ่มต้น และข้อความน้อยลง</translation>
    </message>
    <message>
        <source>Stages the defaults: 5 connections, 10 reconnects, 60 messages</source>
        <translation>เตรียมค่าเริ่มต้น: 5 การเชื่อมต่อ 10 การเชื่อมต่อใหม่ 60 ข้อความ</translation>
    </message>
    <message>
        <source>Stages 10 connections per address and 120 messages per minute</source>
        <translation>เตรียมค่า 10 การเชื่อมต่อต่อที่อยู่ และ 120 ข้อความต่อนาที</translation>
    </message>
    <message>
        <source>The rollback switch: rate limits and monitoring as a whole</source>
        <translation>สวิตช์ย้อนกลับ: ขีดจำกัดและการเฝ้าดูทั้งหมด</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>ขีดจำกัด</translation>
    </message>
    <message>
        <source>Turn guards off…</source>
        <translation>ปิดด่าน…</translation>
    </message>
    <message>
        <source>Turn guards on…</source>
        <translation>เปิดด่าน…</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>คืนค่า</translation>
    </message>
    <message>
        <source>Turn the guards on?</source>
        <translation>เปิดด่านหรือไม่</translation>
    </message>
    <message>
        <source>Turn the guards off?</source>
        <translation>ปิดด่านหรือไม่</translation>
    </message>
    <message>
        <source>Rate limits and monitoring take effect again, for open connections too.</source>
        <translation>ขีดจำกัดและการเฝ้าดูจะมีผลอีกครั้ง รวมถึงการเชื่อมต่อที่เปิดอยู่</translation>
    </message>
    <message>
        <source>Nobody will be limited and nothing counted, until they are turned on again or the server restarts. Origin and token checks stay on.</source>
        <translation>จะไม่มีการจำกัดหรือนับสิ่งใด จนกว่าจะเปิดอีกครั้งหรือเซิร์ฟเวอร์เริ่มใหม่ การตรวจ Origin และโทเค็นยังทำงาน</translation>
    </message>
    <message>
        <source>Turn on</source>
        <translation>เปิด</translation>
    </message>
    <message>
        <source>Turn off</source>
        <translation>ปิด</translation>
    </message>
    <message>
        <source>The limits were never changed.</source>
        <translation>ยังไม่เคยมีการแก้ไขขีดจำกัด</translation>
    </message>
    <message>
        <source>Stages the values that the limits had then</source>
        <translation>เตรียมค่าที่ขีดจำกัดเคยมีในตอนนั้น</translation>
    </message>
</context>
<context>
    <name>gatehouse::LiveStream</name>
    <message>
        <source>The live stream was not opened in time.</source>
        <translation>เปิดสตรีมสดไม่ทันเวลา</translation>
    </message>
    <message>
        <source>The server is shutting down.</source>
        <translation>เซิร์ฟเวอร์กำลังปิด</translation>
    </message>
    <message>
        <source>The server is restarting or too busy.</source>
        <translation>เซิร์ฟเวอร์กำลังเริ่มใหม่หรือไม่ว่าง</translation>
    </message>
    <message>
        <source>The token has expired.</source>
        <translation>โทเค็นหมดอายุ</translation>
    </message>
    <message>
        <source>This console was too slow to take what the server sent.</source>
        <translation>คอนโซลนี้รับข้อมูลจากเซิร์ฟเวอร์ไม่ทัน</translation>
    </message>
    <message>
        <source>The right to watch this server was taken away.</source>
        <translation>สิทธิ์ในการดูเซิร์ฟเวอร์นี้ถูกเพิกถอนแล้ว</translation>
    </message>
    <message>
        <source>An administrator disconnected this console.</source>
        <translation>ผู้ดูแลระบบตัดการเชื่อมต่อคอนโซลนี้</translation>
    </message>
    <message>
        <source>The live stream could not be opened: %1</source>
        <translation>เปิดสตรีมสดไม่ได้: %1</translation>
    </message>
    <message>
        <source>The connection to the server was lost.</source>
        <translation>การเชื่อมต่อกับเซิร์ฟเวอร์ขาดหาย</translation>
    </message>
    <message>
        <source>A message of the live stream is not valid JSON: %1</source>
        <translation>ข้อความในสตรีมสดไม่ใช่ JSON ที่ถูกต้อง: %1</translation>
    </message>
    <message>
        <source>An alert of the live stream has no id or no time.</source>
        <translation>การแจ้งเตือนในสตรีมสดไม่มีรหัสหรือเวลา</translation>
    </message>
    <message>
        <source>The live stream refused a request: %1</source>
        <translation>สตรีมสดปฏิเสธคำขอ: %1</translation>
    </message>
    <message>
        <source>The live stream sent a message of the unknown type “%1”.</source>
        <translation>สตรีมสดส่งข้อความชนิดที่ไม่รู้จัก “%1”</translation>
    </message>
    <message>
        <source>The live stream began without saying what it measures.</source>
        <translation>สตรีมสดเริ่มโดยไม่บอกว่าวัดอะไร</translation>
    </message>
    <message>
        <source>A frame of the live stream has no time.</source>
        <translation>เฟรมในสตรีมสดไม่มีเวลา</translation>
    </message>
    <message>
        <source>The limits in the live stream cannot be read: %1</source>
        <translation>อ่านขีดจำกัดในสตรีมสดไม่ได้: %1</translation>
    </message>
    <message>
        <source>A revision in the live stream cannot be read: %1</source>
        <translation>อ่านรุ่นในสตรีมสดไม่ได้: %1</translation>
    </message>
</context>
<context>
    <name>gatehouse::LocalServer</name>
    <message>
        <source>The local server did not start in time.</source>
        <translation>เซิร์ฟเวอร์ในเครื่องเริ่มไม่ทันเวลา</translation>
    </message>
    <message>
        <source>%1 cannot be started: %2</source>
        <translation>เริ่ม %1 ไม่ได้: %2</translation>
    </message>
    <message>
        <source>There is no program “gatehouse” beside the console or in PATH.</source>
        <translation>ไม่มีโปรแกรม “gatehouse” ข้างคอนโซลหรือใน PATH</translation>
    </message>
    <message>
        <source>The local server made no token: %1</source>
        <translation>เซิร์ฟเวอร์ในเครื่องไม่ได้สร้างโทเค็น: %1</translation>
    </message>
    <message>
        <source>The local server ended at once: %1</source>
        <translation>เซิร์ฟเวอร์ในเครื่องจบทันที: %1</translation>
    </message>
    <message>
        <source>it crashed</source>
        <translation>โปรแกรมล้ม</translation>
    </message>
    <message>
        <source>exit code %1</source>
        <translation>รหัสออก %1</translation>
    </message>
    <message>
        <source>The local server ended unexpectedly (%1): %2</source>
        <translation>เซิร์ฟเวอร์ในเครื่องจบโดยไม่คาดคิด (%1): %2</translation>
    </message>
</context>
<context>
    <name>gatehouse::LockCorner</name>
    <message>
        <source>Read-only: unlock</source>
        <translation>อ่านอย่างเดียว: ปลดล็อก</translation>
    </message>
    <message>
        <source>Changes allowed: lock</source>
        <translation>แก้ไขได้: ล็อก</translation>
    </message>
    <message numerus="yes">
        <source>A production server is read-only until you unlock it (Ctrl+L), and again after %n minute(s) without a key or click.</source>
        <translation>
            <numerusform>เซิร์ฟเวอร์ใช้งานจริงเป็นแบบอ่านอย่างเดียวจนกว่าจะปลดล็อก (Ctrl+L) และจะล็อกอีกครั้งเมื่อไม่มีการกดแป้นหรือคลิกนาน %n นาที</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::LogPage</name>
    <message>
        <source>Calls to the server</source>
        <translation>การเรียกไปยังเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>Copy as curl</source>
        <translation>คัดลอกเป็น curl</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>ล้าง</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>บันทึก</translation>
    </message>
    <message>
        <source>what this console asked the server</source>
        <translation>สิ่งที่คอนโซลนี้ถามเซิร์ฟเวอร์</translation>
    </message>
</context>
<context>
    <name>gatehouse::MainWindow</name>
    <message>
        <source>The token is not stored</source>
        <translation>ไม่ได้เก็บโทเค็น</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>โหนด</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>ภาพรวม</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>ขีดจำกัด</translation>
    </message>
    <message>
        <source>Refusals</source>
        <translation>การปฏิเสธ</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>การแจ้งเตือน</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>บันทึก</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>ไฟล์(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Connect…</source>
        <translation>เชื่อมต่อ(&amp;C)…</translation>
    </message>
    <message>
        <source>Start &amp;local server</source>
        <translation>เริ่มเซิร์ฟเวอร์ในเครื่อง(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Disconnect</source>
        <translation>ตัดการเชื่อมต่อ(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>ออก(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>มุมมอง(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>รีเฟรช(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>สว่าง(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>มืด(&amp;D)</translation>
    </message>
    <message>
        <source>As the &amp;system</source>
        <translation>ตามระบบ(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>ช่วยเหลือ(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;About Gatehouse</source>
        <translation>เกี่ยวกับ Gatehouse(&amp;A)</translation>
    </message>
    <message>
        <source>About Gatehouse</source>
        <translation>เกี่ยวกับ Gatehouse</translation>
    </message>
    <message>
        <source>Gatehouse %1: a guarded notification channel with a desktop control room. GPL-3.0-or-later.</source>
        <translation>Gatehouse %1: ช่องทางแจ้งเตือนที่มีด่านป้องกัน พร้อมห้องควบคุมบนเดสก์ท็อป GPL-3.0-or-later</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>แป้น&amp;พิมพ์ลัด</translation>
    </message>
    <message>
        <source>Bans</source>
        <translation>การห้าม</translation>
    </message>
    <message>
        <source>%1: %2. Nothing of it is in force.</source>
        <translation>%1: %2 ยังไม่มีผลแต่อย่างใด</translation>
    </message>
    <message numerus="yes">
        <source>%n staged limit(s)</source>
        <translation>
            <numerusform>ขีดจำกัดที่เตรียมไว้ %n รายการ</numerusform>
        </translation>
    </message>
    <message>
        <source>Discard what was not sent?</source>
        <translation>ละทิ้งสิ่งที่ยังไม่ได้ส่งหรือไม่</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>ละทิ้ง</translation>
    </message>
    <message>
        <source>edited alert rules</source>
        <translation>กฎแจ้งเตือนที่แก้ไข</translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation>ตัว&amp;กรอง</translation>
    </message>
    <message>
        <source>&amp;Go to…</source>
        <translation>ไ&amp;ปที่…</translation>
    </message>
    <message>
        <source>Act</source>
        <translation>จัดการ</translation>
    </message>
    <message>
        <source>Language of the &amp;desktop</source>
        <translation>ภาษาของเ&amp;ดสก์ท็อป</translation>
    </message>
    <message>
        <source>Prove</source>
        <translation>ตรวจสอบ</translation>
    </message>
    <message>
        <source>The language changes at the next start.</source>
        <translation>ภาษาจะเปลี่ยนเมื่อเปิดครั้งต่อไป</translation>
    </message>
    <message>
        <source>This page has no filter.</source>
        <translation>หน้านี้ไม่มีตัวกรอง</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>เฝ้าดู</translation>
    </message>
</context>
<context>
    <name>gatehouse::MessageRatesChart</name>
    <message>
        <source>Messages per second</source>
        <translation>ข้อความต่อวินาที</translation>
    </message>
    <message>
        <source>out</source>
        <translation>ออก</translation>
    </message>
    <message>
        <source>in</source>
        <translation>เข้า</translation>
    </message>
</context>
<context>
    <name>gatehouse::NodeChooser</name>
    <message>
        <source>Node</source>
        <translation>โหนด</translation>
    </message>
    <message>
        <source>Whose history the charts show. The tiles are of all nodes.</source>
        <translation>ประวัติที่แผนภูมิแสดง ส่วนช่องตัวเลขด้านบนเป็นของทุกโหนด</translation>
    </message>
    <message>
        <source>All nodes</source>
        <translation>ทุกโหนด</translation>
    </message>
</context>
<context>
    <name>gatehouse::NodesModel</name>
    <message>
        <source>right</source>
        <translation>ตรง</translation>
    </message>
    <message>
        <source>%1 ahead</source>
        <translation>เร็วไป %1</translation>
    </message>
    <message>
        <source>%1 behind</source>
        <translation>ช้าไป %1</translation>
    </message>
    <message>
        <source>Its clock and Redis' differ. Bans and notifications end by Redis' clock on every node; tokens are judged by this one. Let it be set by NTP.</source>
        <translation>นาฬิกาของโหนดนี้ต่างจากของ Redis การห้ามและการแจ้งเตือนสิ้นสุดตามนาฬิกาของ Redis บนทุกโหนด ส่วนโทเค็นตัดสินตามนาฬิกาของโหนดนี้ ควรตั้งเวลาด้วย NTP</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>นาฬิกา</translation>
    </message>
    <message>
        <source>Up, alone</source>
        <translation>ทำงานอยู่ โดยลำพัง</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>ทำงานอยู่</translation>
    </message>
    <message>
        <source>Lost</source>
        <translation>ขาดการติดต่อ</translation>
    </message>
    <message>
        <source>Has left</source>
        <translation>ออกไปแล้ว</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>ไม่ทราบ</translation>
    </message>
    <message>
        <source>It serves, but cannot reach Redis in time: it holds the limits by itself.</source>
        <translation>ให้บริการอยู่ แต่ติดต่อ Redis ไม่ทันเวลา จึงบังคับใช้ขีดจำกัดโดยลำพัง</translation>
    </message>
    <message>
        <source>It serves, and shares everything with the others.</source>
        <translation>ให้บริการอยู่ และใช้ทุกอย่างร่วมกับโหนดอื่น</translation>
    </message>
    <message>
        <source>It has not been heard of for some seconds, and did not say that it ends.</source>
        <translation>ไม่ได้ยินข่าวมาหลายวินาที และไม่ได้บอกว่าจะหยุดทำงาน</translation>
    </message>
    <message>
        <source>It said that it ends.</source>
        <translation>แจ้งแล้วว่าหยุดทำงาน</translation>
    </message>
    <message>
        <source>The node that answers cannot reach Redis, and so does not know.</source>
        <translation>โหนดที่ตอบติดต่อ Redis ไม่ได้ จึงไม่ทราบ</translation>
    </message>
    <message>
        <source>%1 (answers)</source>
        <translation>%1 (ผู้ตอบ)</translation>
    </message>
    <message>
        <source>%1 ago</source>
        <translation>%1 ที่แล้ว</translation>
    </message>
    <message>
        <source>now</source>
        <translation>ขณะนี้</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>โหนด</translation>
    </message>
    <message>
        <source>State</source>
        <translation>สถานะ</translation>
    </message>
    <message>
        <source>Last sign</source>
        <translation>ข่าวล่าสุด</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Messages/min</source>
        <translation>ข้อความ/นาที</translation>
    </message>
    <message>
        <source>Refusals/min</source>
        <translation>การปฏิเสธ/นาที</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>เวอร์ชัน</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>เริ่มทำงาน</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
</context>
<context>
    <name>gatehouse::NodesPage</name>
    <message>
        <source>Refresh</source>
        <translation>รีเฟรช</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>ส่งออก…</translation>
    </message>
    <message>
        <source>Forget node…</source>
        <translation>ลืมโหนด…</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>โหนด</translation>
    </message>
    <message>
        <source>%1 of %2 up</source>
        <translation>ทำงานอยู่ %1 จาก %2</translation>
    </message>
    <message>
        <source>%1, for %2</source>
        <translation>%1 เป็นเวลา %2</translation>
    </message>
    <message>
        <source>Redis at %1 is up, since %2.</source>
        <translation>Redis ที่ %1 ใช้งานได้ ตั้งแต่ %2</translation>
    </message>
    <message>
        <source>Redis is away, since %1: %2.</source>
        <translation>Redis ติดต่อไม่ได้ ตั้งแต่ %1: %2</translation>
    </message>
    <message>
        <source>Redis at %1 is away, since %2: %3.</source>
        <translation>Redis ที่ %1 ติดต่อไม่ได้ ตั้งแต่ %2: %3</translation>
    </message>
    <message>
        <source>The server has not said yet how it stands to others.</source>
        <translation>เซิร์ฟเวอร์ยังไม่ได้บอกว่าทำงานร่วมกับเซิร์ฟเวอร์อื่นอย่างไร</translation>
    </message>
    <message>
        <source>This server runs by itself.</source>
        <translation>เซิร์ฟเวอร์นี้ทำงานเพียงเครื่องเดียว</translation>
    </message>
    <message>
        <source>To make several servers one cluster, start each with the same REDIS_URL, as in REDIS_URL=redis://10.0.0.5:6379/0, and with the same keys, and put them behind a balancer. They then share notifications, limits, bans and this console. “Several nodes” in the README says more.</source>
        <translation>หากต้องการให้หลายเซิร์ฟเวอร์เป็นคลัสเตอร์เดียว ให้เริ่มแต่ละเครื่องด้วย REDIS_URL เดียวกัน เช่น REDIS_URL=redis://10.0.0.5:6379/0 และกุญแจเดียวกัน แล้ววางไว้หลังตัวกระจายโหลด จากนั้นเซิร์ฟเวอร์จะใช้การแจ้งเตือน ขีดจำกัด การแบน และคอนโซลนี้ร่วมกัน ดูรายละเอียดที่หัวข้อ “Several nodes” ใน README</translation>
    </message>
    <message>
        <source>Clients stay connected. Until Redis is back, the node holds the limits by itself, as its REDIS_AWAY says. What needs Redis, as publishing and changes of limits, is refused with 503.</source>
        <translation>ไคลเอนต์ยังคงเชื่อมต่ออยู่ จนกว่า Redis จะกลับมา โหนดจะบังคับใช้ขีดจำกัดโดยลำพังตามค่า REDIS_AWAY ของโหนด สิ่งที่ต้องใช้ Redis เช่น การส่งการแจ้งเตือนและการเปลี่ยนขีดจำกัด จะถูกปฏิเสธด้วย 503</translation>
    </message>
    <message>
        <source>A node that is “alone” cannot reach Redis in time: it holds the limits by itself, as its REDIS_AWAY says: in full, or each divided by the nodes that it knew of last.</source>
        <translation>โหนดที่ทำงาน “โดยลำพัง” ติดต่อ Redis ไม่ทันเวลา จึงบังคับใช้ขีดจำกัดโดยลำพังตามค่า REDIS_AWAY คือเต็มจำนวน หรือแต่ละข้อหารด้วยจำนวนโหนดที่ทราบล่าสุด</translation>
    </message>
    <message>
        <source>Forget the node “%1”?</source>
        <translation>ลืมโหนด “%1” หรือไม่</translation>
    </message>
    <message>
        <source>Its history and the alert about it are deleted for all nodes. If it starts again, it is a new one.</source>
        <translation>ประวัติและการเตือนเกี่ยวกับโหนดนี้จะถูกลบสำหรับทุกโหนด หากเริ่มทำงานอีกครั้ง จะนับเป็นโหนดใหม่</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>ลืม</translation>
    </message>
    <message>
        <source>The node %1 is forgotten.</source>
        <translation>ลืมโหนด %1 แล้ว</translation>
    </message>
</context>
<context>
    <name>gatehouse::OverviewPage</name>
    <message>
        <source>Whole range</source>
        <translation>ทั้งช่วง</translation>
    </message>
    <message>
        <source>Active connections</source>
        <translation>การเชื่อมต่อที่เปิดอยู่</translation>
    </message>
    <message>
        <source>Connections today</source>
        <translation>การเชื่อมต่อวันนี้</translation>
    </message>
    <message>
        <source>Messages per minute</source>
        <translation>ข้อความต่อนาที</translation>
    </message>
    <message>
        <source>Refusals per minute</source>
        <translation>การปฏิเสธต่อนาที</translation>
    </message>
    <message>
        <source>Average duration</source>
        <translation>ระยะเวลาเฉลี่ย</translation>
    </message>
    <message>
        <source>Addresses near a limit</source>
        <translation>ที่อยู่ใกล้ขีดจำกัด</translation>
    </message>
    <message>
        <source>Go live</source>
        <translation>ดูสด</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>หยุดชั่วคราว</translation>
    </message>
    <message>
        <source>%1 behind</source>
        <translation>ช้ากว่า %1</translation>
    </message>
    <message>
        <source>of %1 · peak %2</source>
        <translation>จาก %1 · สูงสุด %2</translation>
    </message>
    <message>
        <source>in %1 · out %2</source>
        <translation>เข้า %1 · ออก %2</translation>
    </message>
    <message>
        <source>%1 more only observed</source>
        <translation>อีก %1 สังเกตเท่านั้น</translation>
    </message>
    <message>
        <source>in the last 60 s</source>
        <translation>ใน 60 วินาทีที่ผ่านมา</translation>
    </message>
    <message>
        <source>of those closed today</source>
        <translation>ของที่ปิดวันนี้</translation>
    </message>
    <message>
        <source>of %1 at 80 % or more</source>
        <translation>จาก %1 ถึง 80 % ขึ้นไป</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>ส่งออก</translation>
    </message>
    <message>
        <source>Custom…</source>
        <translation>กำหนดเอง…</translation>
    </message>
    <message>
        <source>Charts as a picture (PNG)…</source>
        <translation>กราฟเป็นรูปภาพ (PNG)…</translation>
    </message>
    <message>
        <source>Numbers of the charts (CSV)…</source>
        <translation>ตัวเลขของกราฟ (CSV)…</translation>
    </message>
    <message>
        <source>Export the numbers</source>
        <translation>ส่งออกตัวเลข</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>Export the charts</source>
        <translation>ส่งออกกราฟ</translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation>รูปภาพ (*.png)</translation>
    </message>
    <message>
        <source>accepted since midnight, server&apos;s time</source>
        <translation>ที่รับตั้งแต่เที่ยงคืนตามเวลาของเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>%1, not live</source>
        <translation>%1 ไม่ใช่ข้อมูลสด</translation>
    </message>
    <message>
        <source>Nothing was recorded in this range</source>
        <translation>ไม่มีการบันทึกในช่วงนี้</translation>
    </message>
    <message>
        <source>Waiting for the first sample</source>
        <translation>กำลังรอข้อมูลแรก</translation>
    </message>
    <message>
        <source>since midnight, %1</source>
        <translation>ตั้งแต่เที่ยงคืน %1</translation>
    </message>
    <message>
        <source>Origin and token only</source>
        <translation>เฉพาะ Origin และโทเค็น</translation>
    </message>
    <message>
        <source>guards off: not counted</source>
        <translation>ปิดด่าน: ไม่นับ</translation>
    </message>
</context>
<context>
    <name>gatehouse::ProfileStore</name>
    <message>
        <source>The settings file %1 cannot be read.</source>
        <translation>อ่านไฟล์ตั้งค่า %1 ไม่ได้</translation>
    </message>
    <message>
        <source>Profile %1 of %2 was left out. %3</source>
        <translation>ข้ามโปรไฟล์ %1 ของ %2 %3</translation>
    </message>
    <message>
        <source>The settings file %1 cannot be written.</source>
        <translation>เขียนไฟล์ตั้งค่า %1 ไม่ได้</translation>
    </message>
    <message>
        <source>There is a profile named “%1” already.</source>
        <translation>มีโปรไฟล์ชื่อ “%1” อยู่แล้ว</translation>
    </message>
    <message>
        <source>There is no such profile.</source>
        <translation>ไม่มีโปรไฟล์นั้น</translation>
    </message>
</context>
<context>
    <name>gatehouse::RangeDialog</name>
    <message>
        <source>From</source>
        <translation>จาก</translation>
    </message>
    <message>
        <source>To</source>
        <translation>ถึง</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>แสดง</translation>
    </message>
    <message>
        <source>Range of time</source>
        <translation>ช่วงเวลา</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>ยกเลิก</translation>
    </message>
    <message>
        <source>The end must be after the beginning.</source>
        <translation>เวลาสิ้นสุดต้องอยู่หลังเวลาเริ่มต้น</translation>
    </message>
    <message>
        <source>The beginning is in the future.</source>
        <translation>เวลาเริ่มต้นอยู่ในอนาคต</translation>
    </message>
</context>
<context>
    <name>gatehouse::RefusalsPage</name>
    <message>
        <source>%1 of %2 loaded</source>
        <translation>โหลดแล้ว %1 จาก %2</translation>
    </message>
    <message>
        <source>%1, not live</source>
        <translation>%1 ไม่ใช่ข้อมูลสด</translation>
    </message>
    <message>
        <source>Address = %1</source>
        <translation>ที่อยู่ = %1</translation>
    </message>
    <message>
        <source>Asking the server…</source>
        <translation>กำลังถามเซิร์ฟเวอร์…</translation>
    </message>
    <message>
        <source>Not in the list any more</source>
        <translation>ไม่อยู่ในรายการแล้ว</translation>
    </message>
    <message>
        <source>Origin = %1</source>
        <translation>Origin = %1</translation>
    </message>
    <message>
        <source>Reason = %1</source>
        <translation>เหตุผล = %1</translation>
    </message>
    <message>
        <source>Refusals</source>
        <translation>การปฏิเสธ</translation>
    </message>
    <message>
        <source>Nothing was refused.</source>
        <translation>ไม่มีการปฏิเสธ</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>คำตัดสิน</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>รายละเอียด</translation>
    </message>
    <message>
        <source>Select a row to see the whole decision.</source>
        <translation>เลือกแถวเพื่อดูคำตัดสินทั้งหมด</translation>
    </message>
    <message>
        <source>Only this address</source>
        <translation>เฉพาะที่อยู่นี้</translation>
    </message>
    <message>
        <source>Change the limit…</source>
        <translation>เปลี่ยนขีดจำกัด…</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>คัดลอก</translation>
    </message>
    <message>
        <source>Show all again</source>
        <translation>แสดงทั้งหมดอีกครั้ง</translation>
    </message>
    <message>
        <source>The newest %1, as they come. A time or a filter finds all that are kept.</source>
        <translation>ล่าสุด %1 รายการตามที่เกิดขึ้น เลือกช่วงเวลาหรือตัวกรองเพื่อค้นหาทั้งหมดที่เก็บไว้</translation>
    </message>
    <message>
        <source>Guard</source>
        <translation>ด่าน</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>เหตุผล</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>ตัวกรอง</translation>
    </message>
    <message>
        <source>Filter address, user, origin, id…</source>
        <translation>กรองที่อยู่ ผู้ใช้ Origin รหัส…</translation>
    </message>
    <message>
        <source>Show all times again</source>
        <translation>แสดงทุกเวลาอีกครั้ง</translation>
    </message>
    <message>
        <source>All guards</source>
        <translation>ทุกด่าน</translation>
    </message>
    <message>
        <source>All reasons</source>
        <translation>ทุกเหตุผล</translation>
    </message>
    <message>
        <source>User = %1</source>
        <translation>ผู้ใช้ = %1</translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>รออยู่ %n รายการ</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 more not shown one by one</source>
        <translation>อีก %1 ไม่ได้แสดงทีละรายการ</translation>
    </message>
    <message>
        <source>No refusal fits the filter.</source>
        <translation>ไม่มีการปฏิเสธที่ตรงกับตัวกรอง</translation>
    </message>
    <message>
        <source>HTTP %1 before the upgrade</source>
        <translation>HTTP %1 ก่อนอัปเกรด</translation>
    </message>
    <message>
        <source>close code %1</source>
        <translation>รหัสปิด %1</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>การดำเนินการ</translation>
    </message>
    <message>
        <source>refused: %1</source>
        <translation>ปฏิเสธ: %1</translation>
    </message>
    <message>
        <source>let through, only observed</source>
        <translation>ปล่อยผ่าน สังเกตเท่านั้น</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>เวลา</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>User</source>
        <translation>ผู้ใช้</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Origin</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>โทเค็น</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>ขีดจำกัด</translation>
    </message>
    <message>
        <source>Observed</source>
        <translation>สังเกตเท่านั้น</translation>
    </message>
    <message>
        <source>Told to wait</source>
        <translation>ให้รอ</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>รหัส</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>ส่งออก…</translation>
    </message>
    <message>
        <source>Ban</source>
        <translation>ห้าม</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>โหนด</translation>
    </message>
    <message>
        <source>Guard = %1</source>
        <translation>ตัวป้องกัน = %1</translation>
    </message>
    <message>
        <source>not live: no connection</source>
        <translation>ไม่ใช่ข้อมูลสด: ไม่ได้เชื่อมต่อ</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>หยุดชั่วคราว</translation>
    </message>
    <message>
        <source>live</source>
        <translation>สด</translation>
    </message>
    <message>
        <source>Go live</source>
        <translation>ดูข้อมูลสด</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>หยุดชั่วคราว</translation>
    </message>
    <message>
        <source>What has come meanwhile appears, and what comes from now on</source>
        <translation>แสดงรายการที่เข้ามาระหว่างนี้ และที่จะเข้ามาต่อไป</translation>
    </message>
    <message>
        <source>New refusals wait, so that you can read in peace</source>
        <translation>ให้การปฏิเสธใหม่รอก่อน เพื่ออ่านได้โดยไม่ถูกรบกวน</translation>
    </message>
</context>
<context>
    <name>gatehouse::RevisionsModel</name>
    <message>
        <source>Admin API</source>
        <translation>Admin API</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>สภาพแวดล้อม</translation>
    </message>
    <message>
        <source>Restored</source>
        <translation>คืนค่า</translation>
    </message>
    <message>
        <source>Revision</source>
        <translation>รุ่น</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>เวลา</translation>
    </message>
    <message>
        <source>By</source>
        <translation>โดย</translation>
    </message>
    <message>
        <source>From</source>
        <translation>จาก</translation>
    </message>
    <message>
        <source>How</source>
        <translation>วิธี</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>การเปลี่ยนแปลง</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>หมายเหตุ</translation>
    </message>
</context>
<context>
    <name>gatehouse::ServerProfile</name>
    <message>
        <source>None</source>
        <translation>ไม่ระบุ</translation>
    </message>
    <message>
        <source>Development</source>
        <translation>พัฒนา</translation>
    </message>
    <message>
        <source>Staging</source>
        <translation>ทดสอบก่อนใช้จริง</translation>
    </message>
    <message>
        <source>Production</source>
        <translation>ใช้งานจริง</translation>
    </message>
    <message>
        <source>The profile&apos;s id is not a UUID.</source>
        <translation>รหัสของโปรไฟล์ไม่ใช่ UUID</translation>
    </message>
    <message>
        <source>The profile has no name.</source>
        <translation>โปรไฟล์ไม่มีชื่อ</translation>
    </message>
    <message>
        <source>%1: “%2” is not a colour.</source>
        <translation>%1: “%2” ไม่ใช่สี</translation>
    </message>
    <message>
        <source>%1: “%2” is not an environment.</source>
        <translation>%1: “%2” ไม่ใช่สภาพแวดล้อม</translation>
    </message>
    <message>
        <source>Enter the server&apos;s address, such as http://127.0.0.1:8080.</source>
        <translation>ใส่ที่อยู่ของเซิร์ฟเวอร์ เช่น http://127.0.0.1:8080</translation>
    </message>
    <message>
        <source>“%1” is not a server&apos;s address.</source>
        <translation>“%1” ไม่ใช่ที่อยู่ของเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>“%1” must begin with http:// or https://.</source>
        <translation>“%1” ต้องขึ้นต้นด้วย http:// หรือ https://</translation>
    </message>
    <message>
        <source>“%1” must be an address alone, without user name, ? or #.</source>
        <translation>“%1” ต้องเป็นที่อยู่อย่างเดียว ไม่มีชื่อผู้ใช้ ? หรือ #</translation>
    </message>
    <message>
        <source>%1: the authority is none. %2</source>
        <translation>%1: ผู้ออกใบรับรองใช้ไม่ได้ %2</translation>
    </message>
    <message>
        <source>“%1” may be a secret, and profiles hold none. Take it out of the file.</source>
        <translation>“%1” อาจเป็นความลับ ซึ่งโปรไฟล์ต้องไม่มี ให้เอาออกจากไฟล์</translation>
    </message>
</context>
<context>
    <name>gatehouse::ShortcutSheet</name>
    <message>
        <source>Copy the cell that was clicked last in it</source>
        <translation>คัดลอกช่องที่คลิกล่าสุดในแถวนั้น</translation>
    </message>
    <message>
        <source>Everywhere</source>
        <translation>ทุกหน้า</translation>
    </message>
    <message>
        <source>Ask the server for everything again</source>
        <translation>ขอข้อมูลทั้งหมดจากเซิร์ฟเวอร์อีกครั้ง</translation>
    </message>
    <message>
        <source>Connect to a server</source>
        <translation>เชื่อมต่อกับเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>The refusals of that stretch of time, and of the kind that was clicked</source>
        <translation>การปฏิเสธในช่วงเวลานั้น และของชนิดที่คลิก</translation>
    </message>
    <message>
        <source>Unlock or lock a production server</source>
        <translation>ปลดล็อกหรือล็อกเซิร์ฟเวอร์ใช้งานจริง</translation>
    </message>
    <message>
        <source>This sheet</source>
        <translation>หน้านี้</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>ออกจากโปรแกรม</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>กราฟ</translation>
    </message>
    <message>
        <source>Drag</source>
        <translation>ลาก</translation>
    </message>
    <message>
        <source>Zoom to that stretch of time</source>
        <translation>ซูมไปยังช่วงเวลานั้น</translation>
    </message>
    <message>
        <source>Double-click, Esc</source>
        <translation>ดับเบิลคลิก, Esc</translation>
    </message>
    <message>
        <source>Whole range again</source>
        <translation>กลับไปทั้งช่วง</translation>
    </message>
    <message>
        <source>Left, Right</source>
        <translation>ซ้าย, ขวา</translation>
    </message>
    <message>
        <source>Move the crosshair</source>
        <translation>เลื่อนเส้นเล็ง</translation>
    </message>
    <message>
        <source>Click or Enter on a bar</source>
        <translation>คลิกหรือกด Enter ที่แท่ง</translation>
    </message>
    <message>
        <source>Tables and limits</source>
        <translation>ตารางและขีดจำกัด</translation>
    </message>
    <message>
        <source>Copy the selected row, with ISO times</source>
        <translation>คัดลอกแถวที่เลือก พร้อมเวลาแบบ ISO</translation>
    </message>
    <message>
        <source>Right click on a header</source>
        <translation>คลิกขวาที่หัวตาราง</translation>
    </message>
    <message>
        <source>Choose the columns</source>
        <translation>เลือกคอลัมน์</translation>
    </message>
    <message>
        <source>Apply the staged limits</source>
        <translation>ใช้ขีดจำกัดที่เตรียมไว้</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>แป้นพิมพ์ลัด</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>ปิด</translation>
    </message>
    <message>
        <source>The page&apos;s filter</source>
        <translation>ตัวกรองของหน้า</translation>
    </message>
    <message>
        <source>Find a page, a limit, an action, a server, an address or a user</source>
        <translation>ค้นหาหน้า ขีดจำกัด คำสั่ง เซิร์ฟเวอร์ ที่อยู่ หรือผู้ใช้</translation>
    </message>
</context>
<context>
    <name>gatehouse::StagedPanel</name>
    <message>
        <source>Discard</source>
        <translation>ละทิ้ง</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>เลิกทำ</translation>
    </message>
    <message>
        <source>Note: why? (kept in the audit)</source>
        <translation>หมายเหตุ: เพราะเหตุใด (เก็บในบันทึกตรวจสอบ)</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>หมายเหตุ</translation>
    </message>
    <message>
        <source>Revision %1 is effective on every worker, after %2 ms.</source>
        <translation>รุ่น %1 มีผลกับทุกเวิร์กเกอร์แล้ว หลัง %2 มิลลิวินาที</translation>
    </message>
    <message>
        <source>Somebody else changed the limits meanwhile. Nothing was sent; decide above which values hold.</source>
        <translation>มีผู้อื่นเปลี่ยนขีดจำกัดระหว่างนั้น ยังไม่ได้ส่งสิ่งใด โปรดเลือกค่าที่จะใช้ด้านบน</translation>
    </message>
    <message>
        <source>The guards are on.</source>
        <translation>ด่านเปิดอยู่</translation>
    </message>
    <message>
        <source>The guards are off: nothing is limited or counted.</source>
        <translation>ด่านปิดอยู่: ไม่มีการจำกัดหรือนับ</translation>
    </message>
    <message>
        <source>No staged changes</source>
        <translation>ไม่มีการแก้ไขที่เตรียมไว้</translation>
    </message>
    <message numerus="yes">
        <source>%n staged change(s)</source>
        <translation>
            <numerusform>เตรียมการแก้ไขไว้ %n รายการ</numerusform>
        </translation>
    </message>
    <message>
        <source>Applying…</source>
        <translation>กำลังใช้…</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>ใช้</translation>
    </message>
    <message numerus="yes">
        <source>Apply %n change(s)</source>
        <translation>
            <numerusform>ใช้การแก้ไข %n รายการ</numerusform>
        </translation>
    </message>
    <message>
        <source>Your token may look at the limits, but not change them.</source>
        <translation>โทเค็นของคุณดูขีดจำกัดได้ แต่แก้ไขไม่ได้</translation>
    </message>
    <message>
        <source>Change a value or a mode on the left. Nothing is sent before you apply it.</source>
        <translation>แก้ค่าหรือโหมดทางซ้าย จะไม่มีการส่งจนกว่าจะกดใช้</translation>
    </message>
    <message>
        <source>%1 → %2 %3</source>
        <translation>%1 → %2 %3</translation>
    </message>
    <message>
        <source>mode %1 → %2</source>
        <translation>โหมด %1 → %2</translation>
    </message>
    <message>
        <source>as it was</source>
        <translation>เหมือนเดิม</translation>
    </message>
    <message>
        <source>Was %1 when you began; on the server it is %2 now.</source>
        <translation>เดิมเป็น %1 ตอนนี้บนเซิร์ฟเวอร์เป็น %2</translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation>ใช้ของฉัน</translation>
    </message>
    <message>
        <source>Take theirs</source>
        <translation>ใช้ของเขา</translation>
    </message>
    <message>
        <source>This is a production server: it is read-only until you unlock it at the top right.</source>
        <translation>นี่คือเซิร์ฟเวอร์ใช้งานจริง: อ่านได้อย่างเดียวจนกว่าจะปลดล็อกที่มุมขวาบน</translation>
    </message>
    <message>
        <source>Changed by %1 in revision %2, %3.</source>
        <translation>เปลี่ยนโดย %1 ในรุ่น %2 เมื่อ %3</translation>
    </message>
    <message>
        <source>Note: %1</source>
        <translation>หมายเหตุ: %1</translation>
    </message>
    <message>
        <source>Revision %1 is no longer the newest: %2 made revision %3.</source>
        <translation>รุ่น %1 ไม่ใช่รุ่นล่าสุดแล้ว: %2 สร้างรุ่น %3</translation>
    </message>
    <message>
        <source>Revision %1 is no longer the newest; it is revision %2 now.</source>
        <translation>รุ่น %1 ไม่ใช่รุ่นล่าสุดแล้ว ขณะนี้เป็นรุ่น %2</translation>
    </message>
</context>
<context>
    <name>gatehouse::StatusLine</name>
    <message>
        <source>GUARDS OFF</source>
        <translation>ด่านปิดอยู่</translation>
    </message>
    <message>
        <source>guards on</source>
        <translation>ด่านเปิด</translation>
    </message>
    <message>
        <source>last sample %1 s ago</source>
        <translation>ข้อมูลล่าสุด %1 วินาทีก่อน</translation>
    </message>
    <message>
        <source>limits revision %1</source>
        <translation>ขีดจำกัดรุ่น %1</translation>
    </message>
    <message>
        <source>no sample yet</source>
        <translation>ยังไม่มีข้อมูล</translation>
    </message>
    <message>
        <source>role: %1</source>
        <translation>บทบาท: %1</translation>
    </message>
</context>
<context>
    <name>gatehouse::TableExporter</name>
    <message>
        <source>%1 of %2 rows</source>
        <translation>%1 จาก %2 แถว</translation>
    </message>
    <message>
        <source>%1 of %2 rows were written.</source>
        <translation>เขียนแล้ว %1 จาก %2 แถว</translation>
    </message>
    <message>
        <source>A narrower filter exports the others.</source>
        <translation>ตัวกรองที่แคบลงจะส่งออกส่วนที่เหลือได้</translation>
    </message>
    <message>
        <source>Export the table</source>
        <translation>ส่งออกตาราง</translation>
    </message>
    <message>
        <source>Loading every row…</source>
        <translation>กำลังโหลดทุกแถว…</translation>
    </message>
    <message>
        <source>Nothing was written: %1</source>
        <translation>ไม่มีการเขียนไฟล์: %1</translation>
    </message>
    <message>
        <source>The others went while the table was read.</source>
        <translation>แถวอื่นหายไประหว่างที่อ่านตาราง</translation>
    </message>
</context>
<context>
    <name>gatehouse::TableTools</name>
    <message>
        <source>Copy the cell</source>
        <translation>คัดลอกช่อง</translation>
    </message>
    <message>
        <source>Copy the row</source>
        <translation>คัดลอกแถว</translation>
    </message>
    <message>
        <source>Export the table</source>
        <translation>ส่งออกตาราง</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2</source>
        <translation>เขียน %1 ไม่ได้: %2</translation>
    </message>
</context>
<context>
    <name>gatehouse::TimeRange</name>
    <message>
        <source>1 min</source>
        <translation>1 นาที</translation>
    </message>
    <message>
        <source>5 min</source>
        <translation>5 นาที</translation>
    </message>
    <message>
        <source>1 h</source>
        <translation>1 ชม.</translation>
    </message>
    <message>
        <source>6 h</source>
        <translation>6 ชม.</translation>
    </message>
    <message>
        <source>24 h</source>
        <translation>24 ชม.</translation>
    </message>
    <message>
        <source>7 d</source>
        <translation>7 วัน</translation>
    </message>
    <message>
        <source>30 d</source>
        <translation>30 วัน</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>กำหนดเอง</translation>
    </message>
</context>
<context>
    <name>gatehouse::Titles</name>
    <message>
        <source>State file</source>
        <translation>ไฟล์สถานะ</translation>
    </message>
    <message>
        <source>problems</source>
        <translation>ปัญหา</translation>
    </message>
    <message>
        <source>Node lost</source>
        <translation>โหนดขาดการติดต่อ</translation>
    </message>
    <message>
        <source>Clock is off</source>
        <translation>นาฬิกาไม่ตรง</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>วินาที</translation>
    </message>
    <message>
        <source>lost nodes</source>
        <translation>โหนดที่ขาดการติดต่อ</translation>
    </message>
    <message>
        <source>Out of file descriptors</source>
        <translation>ตัวบ่งชี้ไฟล์หมด</translation>
    </message>
    <message>
        <source>connections closed per minute</source>
        <translation>การเชื่อมต่อที่ถูกปิดต่อนาที</translation>
    </message>
    <message>
        <source>Users refused</source>
        <translation>ผู้ใช้ถูกปฏิเสธ</translation>
    </message>
    <message>
        <source>refusals of users per hour</source>
        <translation>การปฏิเสธผู้ใช้ต่อชั่วโมง</translation>
    </message>
    <message>
        <source>One address holds all</source>
        <translation>ที่อยู่เดียวครองการเชื่อมต่อทั้งหมด</translation>
    </message>
    <message>
        <source>% of the connections</source>
        <translation>% ของการเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Guards are off</source>
        <translation>ปิดการป้องกันอยู่</translation>
    </message>
    <message>
        <source>guards that are off</source>
        <translation>การป้องกันที่ปิดอยู่</translation>
    </message>
    <message>
        <source>Certificate expires</source>
        <translation>ใบรับรองใกล้หมดอายุ</translation>
    </message>
    <message>
        <source>certificates</source>
        <translation>ใบรับรอง</translation>
    </message>
    <message>
        <source>Guards refuse nobody</source>
        <translation>การป้องกันไม่ปฏิเสธใครเลย</translation>
    </message>
    <message>
        <source>days without a refusal</source>
        <translation>วันที่ไม่มีการปฏิเสธ</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Origin</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>Reconnects</source>
        <translation>การเชื่อมต่อใหม่</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>โทเค็น</translation>
    </message>
    <message>
        <source>User</source>
        <translation>ผู้ใช้</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>เซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>ข้อความ</translation>
    </message>
    <message>
        <source>Send queue</source>
        <translation>คิวส่ง</translation>
    </message>
    <message>
        <source>Enforce</source>
        <translation>บังคับใช้</translation>
    </message>
    <message>
        <source>Observe</source>
        <translation>สังเกต</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>ปิด</translation>
    </message>
    <message>
        <source>High connection count</source>
        <translation>การเชื่อมต่อจำนวนมาก</translation>
    </message>
    <message>
        <source>Rate-limit violations</source>
        <translation>การละเมิดขีดจำกัด</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>ข้อผิดพลาด</translation>
    </message>
    <message>
        <source>Somebody else changed the limits meanwhile.</source>
        <translation>มีผู้อื่นเปลี่ยนขีดจำกัดระหว่างนั้น</translation>
    </message>
    <message>
        <source>The server does not accept the token (401).</source>
        <translation>เซิร์ฟเวอร์ไม่ยอมรับโทเค็น (401)</translation>
    </message>
    <message>
        <source>This token does not allow it (403).</source>
        <translation>โทเค็นนี้ไม่มีสิทธิ์ (403)</translation>
    </message>
    <message>
        <source>The server does not know it (404).</source>
        <translation>เซิร์ฟเวอร์ไม่รู้จัก (404)</translation>
    </message>
    <message>
        <source>The server failed (%1).</source>
        <translation>เซิร์ฟเวอร์ขัดข้อง (%1)</translation>
    </message>
    <message>
        <source>Try again in %1.</source>
        <translation>ลองใหม่ใน %1</translation>
    </message>
    <message>
        <source>The call failed (%1).</source>
        <translation>การเรียกล้มเหลว (%1)</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 วินาที</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 นาที</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 ชม. %2 นาที</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation>%1 วัน %2 ชม.</translation>
    </message>
    <message>
        <source>Active connections</source>
        <translation>การเชื่อมต่อที่เปิดอยู่</translation>
    </message>
    <message>
        <source>connections</source>
        <translation>การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Connections accepted</source>
        <translation>การเชื่อมต่อที่รับ</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>ต่อวินาที</translation>
    </message>
    <message>
        <source>Connections closed</source>
        <translation>การเชื่อมต่อที่ปิด</translation>
    </message>
    <message>
        <source>Messages in</source>
        <translation>ข้อความเข้า</translation>
    </message>
    <message>
        <source>Messages out</source>
        <translation>ข้อความออก</translation>
    </message>
    <message>
        <source>Refused: connections</source>
        <translation>ปฏิเสธ: การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Refused: reconnects</source>
        <translation>ปฏิเสธ: การเชื่อมต่อใหม่</translation>
    </message>
    <message>
        <source>Refused: messages</source>
        <translation>ปฏิเสธ: ข้อความ</translation>
    </message>
    <message>
        <source>Refused: origin</source>
        <translation>ปฏิเสธ: Origin</translation>
    </message>
    <message>
        <source>Refused: token</source>
        <translation>ปฏิเสธ: โทเค็น</translation>
    </message>
    <message>
        <source>Refused: other</source>
        <translation>ปฏิเสธ: อื่น ๆ</translation>
    </message>
    <message>
        <source>Would have been refused</source>
        <translation>ที่ควรถูกปฏิเสธ</translation>
    </message>
    <message>
        <source>Notifications published</source>
        <translation>การแจ้งเตือนที่เผยแพร่</translation>
    </message>
    <message>
        <source>Send queues</source>
        <translation>คิวส่ง</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>ไบต์</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>หน่วยความจำ</translation>
    </message>
    <message>
        <source>Memory nearly used up</source>
        <translation>หน่วยความจำใกล้หมด</translation>
    </message>
    <message>
        <source>% of the memory budget</source>
        <translation>% ของงบหน่วยความจำ</translation>
    </message>
    <message>
        <source>Known addresses</source>
        <translation>ที่อยู่ที่รู้จัก</translation>
    </message>
    <message>
        <source>addresses</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>Origin not allowed</source>
        <translation>ไม่อนุญาต Origin นี้</translation>
    </message>
    <message>
        <source>Host not served here</source>
        <translation>ไม่ให้บริการโฮสต์นี้</translation>
    </message>
    <message>
        <source>Token missing</source>
        <translation>ไม่มีโทเค็น</translation>
    </message>
    <message>
        <source>Token invalid</source>
        <translation>โทเค็นไม่ถูกต้อง</translation>
    </message>
    <message>
        <source>Token expired</source>
        <translation>โทเค็นหมดอายุ</translation>
    </message>
    <message>
        <source>Token revoked</source>
        <translation>โทเค็นถูกเพิกถอน</translation>
    </message>
    <message>
        <source>Banned</source>
        <translation>ถูกห้าม</translation>
    </message>
    <message>
        <source>User banned</source>
        <translation>ผู้ใช้ถูกห้าม</translation>
    </message>
    <message>
        <source>Too many connections from this address</source>
        <translation>การเชื่อมต่อจากที่อยู่นี้มากเกินไป</translation>
    </message>
    <message>
        <source>Too many connections of this user</source>
        <translation>การเชื่อมต่อของผู้ใช้นี้มากเกินไป</translation>
    </message>
    <message>
        <source>Too many reconnects</source>
        <translation>เชื่อมต่อใหม่บ่อยเกินไป</translation>
    </message>
    <message>
        <source>Server full</source>
        <translation>เซิร์ฟเวอร์เต็ม</translation>
    </message>
    <message>
        <source>Server is shutting down</source>
        <translation>เซิร์ฟเวอร์กำลังปิด</translation>
    </message>
    <message>
        <source>Too many messages</source>
        <translation>ข้อความมากเกินไป</translation>
    </message>
    <message>
        <source>Kept sending over the message limit</source>
        <translation>ส่งเกินขีดจำกัดข้อความต่อเนื่อง</translation>
    </message>
    <message>
        <source>Message too big</source>
        <translation>ข้อความใหญ่เกินไป</translation>
    </message>
    <message>
        <source>Slow consumer</source>
        <translation>ผู้รับช้า</translation>
    </message>
    <message>
        <source>Connections per address</source>
        <translation>การเชื่อมต่อต่อที่อยู่</translation>
    </message>
    <message>
        <source>Open connections of one address (an IPv6 /64 counts as one) at one time; the next one is refused.</source>
        <translation>จำนวนการเชื่อมต่อที่เปิดพร้อมกันจากที่อยู่เดียว (IPv6 /64 นับเป็นหนึ่ง) รายถัดไปจะถูกปฏิเสธ</translation>
    </message>
    <message>
        <source>Connects per client</source>
        <translation>การเชื่อมต่อต่อไคลเอนต์</translation>
    </message>
    <message>
        <source>attempts</source>
        <translation>ครั้ง</translation>
    </message>
    <message>
        <source>Admitted connects of one client (a user at an address) in any rolling reconnect window; the next one is told how long to wait. Attempts without a good token are counted by their address alone.</source>
        <translation>จำนวนครั้งที่รับการเชื่อมต่อของไคลเอนต์หนึ่ง (ผู้ใช้หนึ่งคน ณ ที่อยู่หนึ่ง) ในช่วงเวลาเชื่อมต่อใหม่ใด ๆ ครั้งถัดไปจะได้รับแจ้งเวลาที่ต้องรอ ความพยายามที่ไม่มีโทเค็นที่ใช้ได้จะนับตามที่อยู่เท่านั้น</translation>
    </message>
    <message>
        <source>Reconnect window</source>
        <translation>ช่วงเวลาเชื่อมต่อใหม่</translation>
    </message>
    <message>
        <source>Length of the rolling window in which the connects of a client are counted.</source>
        <translation>ความยาวของช่วงเวลาเลื่อนที่ใช้นับการเชื่อมต่อของไคลเอนต์</translation>
    </message>
    <message>
        <source>Messages per minute</source>
        <translation>ข้อความต่อนาที</translation>
    </message>
    <message>
        <source>messages</source>
        <translation>ข้อความ</translation>
    </message>
    <message>
        <source>Messages one connection sends in any rolling minute; the next one is not processed.</source>
        <translation>จำนวนข้อความที่การเชื่อมต่อหนึ่งส่งในหนึ่งนาทีใด ๆ ข้อความถัดไปจะไม่ถูกประมวลผล</translation>
    </message>
    <message>
        <source>Connections per user</source>
        <translation>การเชื่อมต่อต่อผู้ใช้</translation>
    </message>
    <message>
        <source>Open connections of one user at one time, from whatever address; the next one is refused.</source>
        <translation>จำนวนการเชื่อมต่อพร้อมกันของผู้ใช้คนเดียวจากที่อยู่ใดก็ได้ รายถัดไปจะถูกปฏิเสธ</translation>
    </message>
    <message>
        <source>Connections in all</source>
        <translation>การเชื่อมต่อทั้งหมด</translation>
    </message>
    <message>
        <source>Open connections of the whole server; the next one is told to come back later.</source>
        <translation>จำนวนการเชื่อมต่อของทั้งเซิร์ฟเวอร์ รายถัดไปจะได้รับแจ้งให้กลับมาภายหลัง</translation>
    </message>
    <message>
        <source>Message size</source>
        <translation>ขนาดข้อความ</translation>
    </message>
    <message>
        <source>Largest message a client may send; a larger one closes its connection with code 1009.</source>
        <translation>ข้อความใหญ่สุดที่ไคลเอนต์ส่งได้ ใหญ่กว่านี้จะถูกปิดการเชื่อมต่อด้วยรหัส 1009</translation>
    </message>
    <message>
        <source>Strikes before disconnect</source>
        <translation>จำนวนครั้งก่อนตัดการเชื่อมต่อ</translation>
    </message>
    <message>
        <source>Messages over the limit that one connection may send within a minute before it is closed with code 4131.</source>
        <translation>จำนวนข้อความเกินขีดจำกัดที่การเชื่อมต่อหนึ่งส่งได้ในหนึ่งนาที ก่อนถูกปิดด้วยรหัส 4131</translation>
    </message>
    <message>
        <source>% of the connection limit</source>
        <translation>% ของขีดจำกัดการเชื่อมต่อ</translation>
    </message>
    <message>
        <source>refusals per minute</source>
        <translation>การปฏิเสธต่อนาที</translation>
    </message>
    <message>
        <source>errors per minute</source>
        <translation>ข้อผิดพลาดต่อนาที</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>เครือข่าย</translation>
    </message>
    <message>
        <source>Token id</source>
        <translation>รหัสโทเค็น</translation>
    </message>
    <message>
        <source>Tokens of a user</source>
        <translation>โทเค็นของผู้ใช้</translation>
    </message>
</context>
<context>
    <name>gatehouse::TopOffendersModel</name>
    <message>
        <source>(none)</source>
        <translation>(ไม่มี)</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Refusals</source>
        <translation>การปฏิเสธ</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>สัดส่วน</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>User</source>
        <translation>ผู้ใช้</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Origin</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>เหตุผล</translation>
    </message>
</context>
<context>
    <name>gatehouse::TrayIcon</name>
    <message>
        <source>Gatehouse alert</source>
        <translation>การแจ้งเตือนของ Gatehouse</translation>
    </message>
    <message numerus="yes">
        <source>%n connection(s)</source>
        <translation>
            <numerusform>%n การเชื่อมต่อ</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::ViolationsChart</name>
    <message>
        <source>Refusals by kind</source>
        <translation>การปฏิเสธตามชนิด</translation>
    </message>
    <message numerus="yes">
        <source>%n s</source>
        <translation>
            <numerusform>%n วินาที</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n min</source>
        <translation>
            <numerusform>%n นาที</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h</source>
        <translation>
            <numerusform>%n ชั่วโมง</numerusform>
        </translation>
    </message>
    <message>
        <source>Refusals per %1</source>
        <translation>การปฏิเสธต่อ %1</translation>
    </message>
    <message>
        <source>connections</source>
        <translation>การเชื่อมต่อ</translation>
    </message>
    <message>
        <source>reconnects</source>
        <translation>การเชื่อมต่อใหม่</translation>
    </message>
    <message>
        <source>messages</source>
        <translation>ข้อความ</translation>
    </message>
    <message>
        <source>origin</source>
        <translation>Origin</translation>
    </message>
    <message>
        <source>token</source>
        <translation>โทเค็น</translation>
    </message>
    <message>
        <source>other</source>
        <translation>อื่น ๆ</translation>
    </message>
</context>
<context>
    <name>gatehouse::StateClaim</name>
    <message>
        <source>The directory %1 cannot be created.</source>
        <translation>สร้างไดเรกทอรี %1 ไม่ได้</translation>
    </message>
    <message>
        <source>The directory %1 cannot be written to.</source>
        <translation>เขียนลงในไดเรกทอรี %1 ไม่ได้</translation>
    </message>
    <message>
        <source>No place is left for a local server: %1 and those beside it are in use.</source>
        <translation>ไม่เหลือที่สำหรับเซิร์ฟเวอร์ในเครื่อง: %1 และไดเรกทอรีข้างเคียงถูกใช้อยู่</translation>
    </message>
</context>
<context>
    <name>gatehouse::Authority</name>
    <message>
        <source>It holds a private key and no certificate. Choose the authority&apos;s certificate; its key never leaves the authority.</source>
        <translation>ไฟล์นี้มีกุญแจลับ แต่ไม่มีใบรับรอง ให้เลือกใบรับรองของผู้ออกใบรับรอง กุญแจต้องไม่ออกจากผู้ออกใบรับรอง</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>อ่าน %1 ไม่ได้: %2</translation>
    </message>
    <message>
        <source>It holds a request for a certificate, and no certificate.</source>
        <translation>ไฟล์นี้มีคำขอใบรับรอง แต่ไม่มีใบรับรอง</translation>
    </message>
    <message>
        <source>It holds no certificate in PEM: that begins with -----BEGIN CERTIFICATE-----.</source>
        <translation>ไฟล์นี้ไม่มีใบรับรองแบบ PEM ซึ่งขึ้นต้นด้วย -----BEGIN CERTIFICATE-----</translation>
    </message>
    <message>
        <source>It is too large for certificates.</source>
        <translation>ไฟล์ใหญ่เกินกว่าจะเป็นใบรับรอง</translation>
    </message>
</context>
<context>
    <name>gatehouse::AuthorityField</name>
    <message>
        <source>%1, until %2</source>
        <translation>%1 ถึง %2</translation>
    </message>
    <message>
        <source>Authority</source>
        <translation>ผู้ออกใบรับรอง</translation>
    </message>
    <message>
        <source>Certificates in PEM (*.pem *.crt *.cer);;All files (*)</source>
        <translation>ใบรับรองแบบ PEM (*.pem *.crt *.cer);;ไฟล์ทั้งหมด (*)</translation>
    </message>
    <message>
        <source>Choose the certificate of a private authority</source>
        <translation>เลือกใบรับรองของผู้ออกใบรับรองส่วนตัว</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>เลือก…</translation>
    </message>
    <message>
        <source>No private authority</source>
        <translation>ไม่มีผู้ออกใบรับรองส่วนตัว</translation>
    </message>
    <message>
        <source>None</source>
        <translation>ไม่มี</translation>
    </message>
    <message>
        <source>The certificate of a private authority</source>
        <translation>ใบรับรองของผู้ออกใบรับรองส่วนตัว</translation>
    </message>
    <message>
        <source>those that this computer trusts</source>
        <translation>ที่คอมพิวเตอร์เครื่องนี้เชื่อถือ</translation>
    </message>
</context>
<context>
    <name>gatehouse::ImportDialog</name>
    <message>
        <source>%1, with an authority of its own</source>
        <translation>%1 มีผู้ออกใบรับรองของตัวเอง</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>ยกเลิก</translation>
    </message>
    <message>
        <source>Import servers</source>
        <translation>นำเข้าเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>นำเข้า</translation>
    </message>
    <message>
        <source>Keep both</source>
        <translation>เก็บทั้งสอง</translation>
    </message>
    <message>
        <source>Keep mine only</source>
        <translation>เก็บเฉพาะของฉัน</translation>
    </message>
    <message>
        <source>Replace “%1” (%2)</source>
        <translation>แทนที่ “%1” (%2)</translation>
    </message>
    <message numerus="yes">
        <source>The file holds %n server(s). Tokens are never in it.</source>
        <translation>
            <numerusform>ไฟล์มีเซิร์ฟเวอร์ %n รายการ และไม่มีโทเค็น</numerusform>
        </translation>
    </message>
    <message>
        <source>The file holds no server.</source>
        <translation>ไฟล์ไม่มีเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>This version does not know what these are for; they are kept: %1</source>
        <translation>รุ่นนี้ไม่รู้จักรายการเหล่านี้ แต่เก็บไว้ให้: %1</translation>
    </message>
    <message>
        <source>What to do about “%1”</source>
        <translation>จะทำอย่างไรกับ “%1”</translation>
    </message>
    <message>
        <source>is there already</source>
        <translation>มีอยู่แล้ว</translation>
    </message>
    <message>
        <source>new</source>
        <translation>ใหม่</translation>
    </message>
</context>
<context>
    <name>gatehouse::ImportedProfile</name>
    <message>
        <source>Profile %1: %2 is in the file twice.</source>
        <translation>โปรไฟล์ %1: %2 อยู่ในไฟล์สองครั้ง</translation>
    </message>
    <message>
        <source>Profile %1: %2</source>
        <translation>โปรไฟล์ %1: %2</translation>
    </message>
    <message>
        <source>The file does not hold Gatehouse profiles.</source>
        <translation>ไฟล์นี้ไม่ได้เก็บโปรไฟล์ของ Gatehouse</translation>
    </message>
    <message>
        <source>The file is not valid JSON: %1 at byte %2.</source>
        <translation>ไฟล์ไม่ใช่ JSON ที่ถูกต้อง: %1 ที่ไบต์ %2</translation>
    </message>
    <message>
        <source>This version does not know the member “%1”.</source>
        <translation>รุ่นนี้ไม่รู้จัก “%1”</translation>
    </message>
</context>
<context>
    <name>gatehouse::ProfileTransfer</name>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>อ่าน %1 ไม่ได้: %2</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2</source>
        <translation>เขียน %1 ไม่ได้: %2</translation>
    </message>
    <message numerus="yes">
        <source>%n server(s) exported, without tokens.</source>
        <translation>
            <numerusform>ส่งออกเซิร์ฟเวอร์ %n รายการแล้ว โดยไม่มีโทเค็น</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n server(s) imported, without tokens.</source>
        <translation>
            <numerusform>นำเข้าเซิร์ฟเวอร์ %n รายการแล้ว โดยไม่มีโทเค็น</numerusform>
        </translation>
    </message>
    <message>
        <source>Export all saved servers</source>
        <translation>ส่งออกเซิร์ฟเวอร์ที่บันทึกไว้ทั้งหมด</translation>
    </message>
    <message>
        <source>Import servers</source>
        <translation>นำเข้าเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>JSON (*.json);;All files (*)</source>
        <translation>JSON (*.json);;ไฟล์ทั้งหมด (*)</translation>
    </message>
    <message>
        <source>Nothing was imported. %1</source>
        <translation>ไม่ได้นำเข้าอะไร %1</translation>
    </message>
</context>
<context>
    <name>gatehouse::ServerActions</name>
    <message>
        <source>&amp;New token…</source>
        <translation>โทเค็น&amp;ใหม่…</translation>
    </message>
    <message>
        <source>Reco&amp;nnect</source>
        <translation>เชื่อมต่อ&amp;อีกครั้ง</translation>
    </message>
</context>
<context>
    <name>gatehouse::ServerForm</name>
    <message>
        <source>Store the token in the system&apos;s keychain</source>
        <translation>เก็บโทเค็นไว้ในพวงกุญแจของระบบ</translation>
    </message>
    <message>
        <source>Who issued the server&apos;s certificate, where that is an authority of your own.</source>
        <translation>ใครออกใบรับรองของเซิร์ฟเวอร์ ในกรณีที่เป็นผู้ออกใบรับรองของคุณเอง</translation>
    </message>
    <message>
        <source>A token is needed. The command below prints one.</source>
        <translation>ต้องมีโทเค็น คำสั่งด้านล่างพิมพ์โทเค็นให้</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>ที่อยู่</translation>
    </message>
    <message>
        <source>Authority</source>
        <translation>ผู้ออกใบรับรอง</translation>
    </message>
    <message>
        <source>Connect when the console starts</source>
        <translation>เชื่อมต่อเมื่อคอนโซลเริ่ม</translation>
    </message>
    <message>
        <source>Else the token is asked for each time.</source>
        <translation>มิฉะนั้นจะถามโทเค็นทุกครั้ง</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>สภาพแวดล้อม</translation>
    </message>
    <message>
        <source>Frames the window in a colour; production opens read-only.</source>
        <translation>ใส่กรอบสีให้หน้าต่าง ระบบจริงเปิดแบบอ่านอย่างเดียว</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>ชื่อ</translation>
    </message>
    <message>
        <source>One server at most, and never a production one.</source>
        <translation>ได้ไม่เกินหนึ่งเซิร์ฟเวอร์ และไม่ใช่ระบบจริง</translation>
    </message>
    <message>
        <source>Says who you are, and what you may do.</source>
        <translation>บอกว่าคุณคือใคร และทำอะไรได้</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>โทเค็น</translation>
    </message>
    <message>
        <source>What you call the server; empty: its address.</source>
        <translation>ชื่อที่คุณเรียกเซิร์ฟเวอร์ ถ้าว่างจะใช้ที่อยู่</translation>
    </message>
    <message>
        <source>Where its admin API answers; https unless it is on this computer.</source>
        <translation>ที่ซึ่ง API ผู้ดูแลตอบ ใช้ https เว้นแต่อยู่บนเครื่องนี้</translation>
    </message>
</context>
<context>
    <name>gatehouse::TlsTrust</name>
    <message>
        <source>This computer does not know who issued the certificate of %1: “%2”. If that is an authority of your own, choose its certificate at “Authority” in the server&apos;s profile. Else somebody may be in between: do not connect.</source>
        <translation>คอมพิวเตอร์เครื่องนี้ไม่รู้จักผู้ที่ออกใบรับรองของ %1: “%2” ถ้าเป็นผู้ออกใบรับรองของคุณเอง ให้เลือกใบรับรองนั้นที่ “ผู้ออกใบรับรอง” ในโปรไฟล์ของเซิร์ฟเวอร์ มิฉะนั้นอาจมีคนอยู่ตรงกลาง อย่าเชื่อมต่อ</translation>
    </message>
    <message>
        <source>The certificate of %1 begins on %2. Is the clock of this computer right?</source>
        <translation>ใบรับรองของ %1 เริ่มใช้วันที่ %2 นาฬิกาของเครื่องนี้ถูกต้องหรือไม่</translation>
    </message>
    <message>
        <source>The certificate of %1 ended on %2. It has to be renewed there.</source>
        <translation>ใบรับรองของ %1 หมดอายุเมื่อ %2 ต้องต่ออายุที่นั่น</translation>
    </message>
    <message>
        <source>The certificate of %1 is for another name: %2. Enter the address that it is for.</source>
        <translation>ใบรับรองของ %1 เป็นของชื่ออื่น: %2 ให้ใส่ที่อยู่ที่ตรงกับใบรับรอง</translation>
    </message>
    <message>
        <source>The certificate of %1 is not accepted: %2</source>
        <translation>ไม่ยอมรับใบรับรองของ %1: %2</translation>
    </message>
</context>
<context>
    <name>gatehouse::TokenDialog</name>
    <message>
        <source>Store the token in the system&apos;s keychain</source>
        <translation>เก็บโทเค็นไว้ในพวงกุญแจของระบบ</translation>
    </message>
    <message>
        <source>A new token for %1</source>
        <translation>โทเค็นใหม่สำหรับ %1</translation>
    </message>
    <message>
        <source>A token is needed. The command below prints one.</source>
        <translation>ต้องมีโทเค็น คำสั่งด้านล่างพิมพ์โทเค็นให้</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>ยกเลิก</translation>
    </message>
    <message>
        <source>It is tried before it is used; what is shown stays.</source>
        <translation>จะลองก่อนใช้จริง สิ่งที่แสดงอยู่จะคงอยู่</translation>
    </message>
    <message>
        <source>New token</source>
        <translation>โทเค็นใหม่</translation>
    </message>
    <message>
        <source>Use this token</source>
        <translation>ใช้โทเค็นนี้</translation>
    </message>
</context>
<context>
    <name>gatehouse::TokenHelp</name>
    <message>
        <source>Copied</source>
        <translation>คัดลอกแล้ว</translation>
    </message>
    <message>
        <source>Copy the command that prints a token</source>
        <translation>คัดลอกคำสั่งที่พิมพ์โทเค็น</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>คัดลอก</translation>
    </message>
    <message>
        <source>The command that prints a token</source>
        <translation>คำสั่งที่พิมพ์โทเค็น</translation>
    </message>
    <message>
        <source>On the server, as the user that it runs as, this prints one. The role is viewer, operator or admin:</source>
        <translation>บนเซิร์ฟเวอร์ ในฐานะผู้ใช้ที่เซิร์ฟเวอร์ทำงาน คำสั่งนี้พิมพ์โทเค็นให้ บทบาทคือ viewer, operator หรือ admin:</translation>
    </message>
</context>
<context>
    <name>gatehouse::OffendersCard</name>
    <message>
        <source>by address</source>
        <translation>ตามที่อยู่</translation>
    </message>
    <message>
        <source>by user</source>
        <translation>ตามผู้ใช้</translation>
    </message>
    <message>
        <source>by origin</source>
        <translation>ตาม Origin</translation>
    </message>
    <message>
        <source>by reason</source>
        <translation>ตามเหตุผล</translation>
    </message>
    <message>
        <source>Top offenders</source>
        <translation>ผู้ถูกปฏิเสธมากที่สุด</translation>
    </message>
    <message>
        <source>Top offenders, last hour</source>
        <translation>ผู้ถูกปฏิเสธมากที่สุดใน 1 ชั่วโมง</translation>
    </message>
    <message>
        <source>of %1 refusals</source>
        <translation>จากการปฏิเสธ %1 ครั้ง</translation>
    </message>
    <message>
        <source>a sample of %1 refusals</source>
        <translation>ตัวอย่างจากการปฏิเสธ %1 ครั้ง</translation>
    </message>
</context>
<context>
    <name>gatehouse::Subject</name>
    <message>
        <source>Address %1</source>
        <translation>ที่อยู่ %1</translation>
    </message>
    <message>
        <source>User %1</source>
        <translation>ผู้ใช้ %1</translation>
    </message>
    <message>
        <source>Origin %1</source>
        <translation>Origin %1</translation>
    </message>
    <message>
        <source>Token %1</source>
        <translation>โทเคน %1</translation>
    </message>
    <message>
        <source>Decision %1</source>
        <translation>การตัดสิน %1</translation>
    </message>
    <message>
        <source>Connection %1</source>
        <translation>การเชื่อมต่อ %1</translation>
    </message>
    <message>
        <source>Only this</source>
        <translation>เฉพาะรายการนี้</translation>
    </message>
    <message>
        <source>Everything about it</source>
        <translation>ทุกอย่างเกี่ยวกับรายการนี้</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>คัดลอก</translation>
    </message>
    <message>
        <source>Ban user %1…</source>
        <translation>ห้ามผู้ใช้ %1…</translation>
    </message>
    <message>
        <source>Ban address %1…</source>
        <translation>ห้ามที่อยู่ %1…</translation>
    </message>
    <message>
        <source>Log user %1 out everywhere…</source>
        <translation>ให้ผู้ใช้ %1 ออกจากระบบทุกที่…</translation>
    </message>
    <message>
        <source>Exempt address %1 from limits…</source>
        <translation>ยกเว้นที่อยู่ %1 จากขีดจำกัด…</translation>
    </message>
    <message>
        <source>Exempt the network %1…</source>
        <translation>ยกเว้นเครือข่าย %1…</translation>
    </message>
    <message>
        <source>Give it a number of its own…</source>
        <translation>กำหนดจำนวนเฉพาะของที่อยู่นี้…</translation>
    </message>
    <message>
        <source>Change the limit…</source>
        <translation>เปลี่ยนขีดจำกัด…</translation>
    </message>
</context>
<context>
    <name>gatehouse::SubjectMenu</name>
    <message>
        <source>Not now: there is no connection to the server</source>
        <translation>ทำไม่ได้ตอนนี้: ไม่ได้เชื่อมต่อกับเซิร์ฟเวอร์</translation>
    </message>
    <message>
        <source>Not with this token: its role may only look</source>
        <translation>ทำไม่ได้ด้วยโทเคนนี้: บทบาทนี้ดูได้อย่างเดียว</translation>
    </message>
    <message>
        <source>Locked: Ctrl+L unlocks this server</source>
        <translation>ล็อกอยู่: กด Ctrl+L เพื่อปลดล็อกเซิร์ฟเวอร์นี้</translation>
    </message>
</context>
<context>
    <name>gatehouse::SubjectPanel</name>
    <message>
        <source>%1 on %2</source>
        <translation>%1 บน %2</translation>
    </message>
    <message>
        <source>What can be done about it</source>
        <translation>สิ่งที่ทำได้กับรายการนี้</translation>
    </message>
    <message>
        <source>Open connections</source>
        <translation>การเชื่อมต่อที่เปิดอยู่</translation>
    </message>
    <message>
        <source>Show in Connections</source>
        <translation>ดูในการเชื่อมต่อ</translation>
    </message>
    <message numerus="yes">
        <source>%n open</source>
        <translation>
            <numerusform>เปิดอยู่ %n</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · %2 more that mention it are not loaded</source>
        <translation>%1 · ยังไม่ได้โหลดอีก %2 รายการที่มีข้อความนี้</translation>
    </message>
    <message>
        <source>Refusals</source>
        <translation>การปฏิเสธ</translation>
    </message>
    <message>
        <source>Show in Refusals</source>
        <translation>ดูในการปฏิเสธ</translation>
    </message>
    <message>
        <source>%1 of %2 loaded</source>
        <translation>โหลดแล้ว %1 จาก %2</translation>
    </message>
    <message>
        <source>Bans</source>
        <translation>การห้าม</translation>
    </message>
    <message>
        <source>Exemptions</source>
        <translation>การยกเว้น</translation>
    </message>
    <message>
        <source>Show in Bans</source>
        <translation>ดูในการห้าม</translation>
    </message>
    <message numerus="yes">
        <source>%n in force</source>
        <translation>
            <numerusform>มีผลอยู่ %n รายการ</numerusform>
        </translation>
    </message>
    <message>
        <source>None</source>
        <translation>ไม่มี</translation>
    </message>
    <message>
        <source>%1 · %2 more rules were not looked at</source>
        <translation>%1 · ยังไม่ได้ดูอีก %2 กฎ</translation>
    </message>
    <message>
        <source>not live: as of %1</source>
        <translation>ไม่ใช่ข้อมูลสด: ณ %1</translation>
    </message>
    <message>
        <source>not live</source>
        <translation>ไม่ใช่ข้อมูลสด</translation>
    </message>
    <message>
        <source>Actions</source>
        <translation>การดำเนินการ</translation>
    </message>
</context>
<context>
    <name>gatehouse::SubjectPart</name>
    <message>
        <source>Asking the server…</source>
        <translation>กำลังถามเซิร์ฟเวอร์…</translation>
    </message>
</context>
<context>
    <name>gatehouse::ScopeBar</name>
    <message>
        <source>All that there is</source>
        <translation>ทั้งหมดที่มี</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>สิ่งที่แสดงอยู่</translation>
    </message>
</context>
<context>
    <name>gatehouse::FactLabel</name>
    <message>
        <source>Opens a menu of what can be done about it</source>
        <translation>เปิดเมนูของสิ่งที่ทำได้กับค่านี้</translation>
    </message>
</context>
</TS>

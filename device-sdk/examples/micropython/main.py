# SPDX-License-Identifier: Apache-2.0
# Publishes a sealed reading every few seconds, and keeps each one until the broker has said under seal that it has it.
# config.py is yours: BROKER, PORT, EVERY_MS, reading() -> text, command(topic, text). boot.py joins the network.
import os
import time

import config
import reseal
from umqtt.simple import MQTTClient

TOPIC = "ward/{id}/vitals"
MOST = 20  # readings kept; fewer than 128, or the first leaves the broker's replay window

outbox = []  # (text, (topic, message)) of each reading that the broker has not named yet


def arrived(device, topic, payload):
    global outbox
    topic = topic.decode()
    try:
        if topic == device.ack_topic:
            ack = device.ack(payload)
            outbox = [kept for kept in outbox if not ack.names(kept[1][1])]
        elif topic == device.rekey_topic:
            device.rekey(payload)  # a message under the old key is not named any longer
            outbox = [(text, device.seal(TOPIC, text)) for text, _ in outbox or [(config.reading(), None)]]
        else:
            config.command(topic, device.receive(topic, payload))
    except reseal.Error as refused:  # acknowledged all the same, or it would come again at each connection
        print(refused)


def session(device):
    client = MQTTClient(device.principal, config.BROKER, config.PORT, device.principal, device.login(reseal.SEALED))
    client.set_callback(lambda topic, payload: arrived(device, topic, payload))
    client.connect(clean_session=False, timeout=10)
    for topic in (device.ack_topic, device.rekey_topic, "commands/%s/#" % device.principal):
        client.subscribe(topic, 1)
    while True:
        if len(outbox) < MOST:
            text = config.reading()
            outbox.append((text, device.seal(TOPIC, text)))
        for _, message in outbox:
            client.publish(*message)  # the same bytes again, until they are named: PUBACK would prove nothing
        end = time.ticks_add(time.ticks_ms(), config.EVERY_MS)
        while time.ticks_diff(end, time.ticks_ms()) > 0:
            client.check_msg()
            time.sleep_ms(20)


if "credentials.json" in os.listdir():
    reseal.provision("credentials.json")
    os.remove("credentials.json")
with reseal.Device() as device:
    while True:
        try:
            session(device)
        except Exception as problem:
            print(problem)
            time.sleep_ms(config.EVERY_MS)

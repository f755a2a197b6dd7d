# SPDX-License-Identifier: Apache-2.0
# What the module reseal promises, run by MicroPython in an empty folder: module_test.py BROKER, the program of broker.c.
# Each function is one promise. A function starts with pico1's credentials kept, and no Device open.
import _thread
import binascii
import gc
import json
import micropython
import os
import sys
import time

import reseal

OWN = {
    "format": "reseal-credentials/2",
    "principal": "pico1",
    "realm": "ward-7",
    "algorithm": 30,
    "key_id": "72657365616c31",
    "master_secret": "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
}
FRESH = dict(OWN, key_id="72657365616c32", master_secret="ab" * 32)
TOPIC = "commands/pico1/led"


def hexed(data):
    return binascii.hexlify(data).decode()


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def broker(*arguments, credentials=OWN):
    """Lines that the broker's side prints, as bytes; or the status that it refuses with."""
    write("broker.json", json.dumps(credentials))
    quoted = " ".join("'%s'" % argument for argument in arguments)
    os.system("%s broker.json %s >broker.out" % (sys.argv[1], quoted))
    with open("broker.out") as file:
        lines = file.read().split("\n")[:-1]
    if lines and lines[0].startswith("refused "):
        return int(lines[0][8:])
    return [binascii.unhexlify(line) for line in lines]


def opened(topic, message, credentials=OWN):
    return broker("open", topic, hexed(message), credentials=credentials)


def sealed(epoch, topic, *plain, credentials=OWN):
    return broker("seal", str(epoch), topic, *[hexed(text) for text in plain], credentials=credentials)


def refusal(call, *arguments):
    """The status of the reseal.Error that the call raises."""
    try:
        call(*arguments)
    except reseal.Error as error:
        assert error.args[0] == error.status and len(error.args[1]) > 10, error
        return error.status
    raise AssertionError("nothing was refused")


def raises(kind, call, *arguments):
    try:
        call(*arguments)
    except kind as error:
        return error
    raise AssertionError("%s was not raised" % kind)


def epoch():
    with open("device.epoch") as file:
        return int(file.readline().split()[2])


def seals_what_the_broker_opens():
    with reseal.Device() as device:
        for text in (b"", b"72", bytes(1000), "é"):
            topic, message = device.seal("ward/{id}/pulse", text)
            assert topic == "ward/pico1/pulse" and type(message) is bytes
            assert opened(topic, message) == [text.encode() if type(text) is str else text]
            assert opened("ward/pico2/pulse", message) == reseal.BAD_TAG
        assert device.seal("a", bytearray(b"1"))[0] == "a" and device.seal(b"a", memoryview(b"1"))[0] == "a"


def opens_each_message_once():
    first, second = sealed(1, TOPIC, b"on", b"off")
    with reseal.Device() as device:
        assert refusal(device.receive, "commands/pico1/door", first) == reseal.BAD_TAG
        assert refusal(device.receive, TOPIC, first[:-1] + bytes([first[-1] ^ 1])) == reseal.BAD_TAG
        assert refusal(device.receive, TOPIC, b"") == reseal.MALFORMED
        assert refusal(device.receive, TOPIC, device.seal(TOPIC, b"on")[1]) == reseal.WRONG_DIRECTION
        assert device.receive(TOPIC.encode(), second) == b"off"  # umqtt hands out bytes
        assert device.receive(TOPIC, first) == b"on"
        assert refusal(device.receive, TOPIC, first) == reseal.REPLAY


def knows_after_a_restart_what_it_has_opened():
    first, second = sealed(5, TOPIC, b"on", b"off")
    with reseal.Device() as device:
        assert device.receive(TOPIC, first) == b"on"
    with reseal.Device() as device:
        assert refusal(device.receive, TOPIC, first) == reseal.REPLAY
        assert device.receive(TOPIC, second) == b"off"
        assert refusal(device.receive, TOPIC, sealed(4, TOPIC, b"on")[0]) == reseal.STALE_EPOCH


def raises_the_epoch_at_each_start():
    for expected in (1, 2, 3):
        with reseal.Device() as device:
            device.seal("a", b"1")
            device.seal("a", b"1")
            assert epoch() == expected


def starts_again_when_nothing_refers_to_the_device():
    def use():
        reseal.Device().seal("a", b"1")
        return [0] * 100  # over what the call left on the stack

    use()
    for _ in range(3):
        gc.collect()
        try:
            with reseal.Device() as device:
                device.seal("a", b"1")
                assert epoch() == 2
                return
        except reseal.Error as error:  # the collector is conservative
            assert error.status == reseal.IN_USE
            use_stack(50)
    raise AssertionError("the finaliser did not close the device")


def use_stack(depth):
    return depth and use_stack(depth - 1)


def is_open_once():
    with reseal.Device() as device:
        assert refusal(reseal.Device) == reseal.IN_USE
        write("credentials.json", json.dumps(FRESH))
        assert refusal(reseal.provision, "credentials.json") == reseal.IN_USE
        device.seal("a", b"1")
    reseal.Device().close()


def proves_its_key_to_one_kind_of_listener():
    with reseal.Device() as device:
        password = device.login(reseal.SEALED)
        assert len(password) <= 75 and device.login(reseal.SEALED) != password
        proof = binascii.a2b_base64(password.replace("-", "+").replace("_", "/") + "=" * (-len(password) % 4))
        assert opened("$connect/sealed/pico1", proof) == [b""]
        assert opened("$connect/loopback/pico1", proof) == reseal.BAD_TAG
        proof = device.login(reseal.LOOPBACK, "{id}/console")
        proof = binascii.a2b_base64(proof.replace("-", "+").replace("_", "/") + "=" * (-len(proof) % 4))
        assert opened("$connect/loopback/pico1/console", proof) == [b""]
        assert refusal(device.login, 9) == reseal.BAD_ARGUMENT


def names_what_the_broker_has_accepted():
    with reseal.Device() as device:
        messages = [device.seal("a", b"1")[1] for _ in range(4)]
        salt = messages[0][messages[0].index(b"\x0a\x48\0\0\0\1") + 6 :][:4]
        record = b"\1" + b"\0\0\0\1" + salt + b"\0\0\0\2" + b"\2" + bytes(15)  # 2, and 0 of those before
        ack = device.ack(sealed(1, device.ack_topic, record)[0])
        assert [ack.names(message) for message in messages] == [True, False, True, False]
        assert not ack.names(b"") and not ack.names(sealed(1, TOPIC, b"1")[0])
        assert refusal(device.ack, sealed(2, device.ack_topic, b"short")[0]) == reseal.MALFORMED


def record_of(credentials, principal=b"pico1"):
    secret = binascii.unhexlify(credentials["key_id"] + credentials["master_secret"])
    return b"\1" + bytes([credentials["algorithm"]]) + secret + principal


def takes_a_new_key_over_the_air():
    with reseal.Device() as device:
        device.seal("a", b"1")
        message = sealed(1, device.rekey_topic, record_of(FRESH))[0]
        device.rekey(message)
        topic, reading = device.seal("a", b"1")
        assert opened(topic, reading, FRESH) == [b"1"] and opened(topic, reading) == reseal.UNKNOWN_KEY
        assert refusal(device.rekey, message) == reseal.UNKNOWN_KEY
    with reseal.Device() as device:
        assert opened("a", device.seal("a", b"2")[1], FRESH) == [b"2"] and epoch() == 3


def keeps_its_key_if_the_new_one_is_not_stored():
    with reseal.Device() as device:
        first, second = sealed(1, device.rekey_topic, record_of(FRESH), record_of(FRESH, b"pico2"))
        os.mkdir("device.credentials.tmp")
        assert refusal(device.rekey, first) == reseal.NOT_STORED
        os.rmdir("device.credentials.tmp")
        assert refusal(device.rekey, second) == reseal.BAD_CREDENTIALS
        assert opened("a", device.seal("a", b"1")[1]) == [b"1"]


def seals_nothing_if_the_epoch_is_not_stored():
    with reseal.Device() as device:
        os.mkdir("device.epoch.tmp")
        assert refusal(device.seal, "a", b"1") == reseal.EPOCH_NOT_STORED
        assert refusal(device.login, reseal.SEALED) == reseal.EPOCH_NOT_STORED
        os.rmdir("device.epoch.tmp")
        device.seal("a", b"1")


def shows_nothing_that_it_could_not_store():
    message = sealed(1, TOPIC, b"on")[0]
    with reseal.Device() as device:
        os.mkdir("device.window.tmp")
        assert refusal(device.receive, TOPIC, message) == reseal.WINDOW_NOT_STORED
        os.rmdir("device.window.tmp")
        assert refusal(device.receive, TOPIC, message) == reseal.REPLAY


def does_nothing_once_closed():
    with reseal.Device() as device:
        device.seal("a", b"1")
    for call in (
        lambda: device.seal("a", b"1"),
        lambda: device.receive("a", b"1"),
        lambda: device.login(reseal.SEALED),
        lambda: device.ack(b"1"),
        lambda: device.rekey(b"1"),
        lambda: device.ack_topic,
        lambda: device.rekey_topic,
    ):
        assert refusal(call) == reseal.CLOSED
    device.close()
    assert repr(device) == "<Device pico1, closed>"


def closes_when_its_block_fails():
    try:
        with reseal.Device():
            raise ValueError
    except ValueError:
        pass
    reseal.Device().close()


def refuses_wrong_arguments():
    with reseal.Device() as device:
        for call, *arguments in (
            (device.seal, 1, b"1"),
            (device.seal, None, b"1"),
            (device.seal, "a", 1),
            (device.seal, "a", None),
            (device.seal, "a"),
            (device.receive, "a", 1),
            (device.receive, 1, b"1"),
            (device.login, "sealed"),
            (device.login,),
            (device.ack, 1),
            (device.rekey, 1),
            (reseal.Device.seal, 1, "a", b"1"),
            (type(device.ack(sealed(1, device.ack_topic, b"\1" + bytes(28))[0])).names, 1, b"1"),
            (reseal.Device, 1),
            (reseal.Device, "a", "b"),
            (reseal.provision, 1),
            (reseal.provision,),
        ):
            raises(TypeError, call, *arguments)
        for topic in ("", "a/+", "a/#", "a\0b", "x" * 129, "{id}" * 40):
            assert refusal(device.seal, topic, b"1") == reseal.BAD_TOPIC, topic
        assert refusal(device.seal, "a", bytes(65536)) == reseal.TOO_LONG
        assert refusal(device.login, reseal.SEALED, "x" * 120) == reseal.BAD_TOPIC
        raises(AttributeError, setattr, device, "principal", "pico2")
        assert device.principal == "pico1" and opened("a", device.seal("a", b"1")[1]) == [b"1"]


def does_not_work_while_the_heap_is_locked():
    """As in a hard interrupt handler."""
    with reseal.Device() as device:
        message = sealed(1, TOPIC, b"on")[0]
        caught = [None]
        for call in (device.seal, device.receive):
            micropython.heap_lock()
            try:
                call(TOPIC, message)
            except RuntimeError as error:
                caught[0] = error
            micropython.heap_unlock()
            assert "interrupt" in str(caught[0]), caught
            caught[0] = None
        assert device.receive(TOPIC, message) == b"on"


def shows_no_key():
    with reseal.Device() as device:
        shown = repr(device) + str(device) + str(dir(device)) + str(dir(reseal))
        for name in ("key_id", "master_secret"):
            assert OWN[name] not in shown
        public = sorted(name for name in dir(device) if not name.startswith("__"))
        assert " ".join(public) == "ack ack_topic close login principal receive rekey rekey_topic seal", public


def keeps_only_what_provision_exports():
    good = json.dumps(OWN)
    for bad in (
        "",
        "[]",
        good[:-1],
        good + "x",
        good.replace("reseal-credentials/2", "reseal-credentials/1"),
        good.replace("ward-7", "ward 7"),
        good.replace("pico1", ""),
        good.replace("pico1", "p" * 65),
        good.replace("pico1", "a\\u0062"),
        good.replace("30", "2"),
        good.replace("30", '"30"'),
        good.replace("30", "286"),
        good.replace("72657365616c31", "72657365616C31"),
        good.replace("72657365616c31", "7265736561"),
        good.replace("0102", "01"),
        good.replace("realm", "Realm"),
        good.replace("realm", "principal"),
        good[:-1] + ', "more": 1}',
        good + " " * 1024,
    ):
        write("credentials.json", bad)
        assert refusal(reseal.provision, "credentials.json") == reseal.BAD_CREDENTIALS, bad
    raises(OSError, reseal.provision, "there-is-no-such-file")
    with reseal.Device() as device:
        assert opened("a", device.seal("a", b"1")[1]) == [b"1"]
    write("credentials.json", "\r\n" + good.replace(", ", "\t,\n ") + "\n")
    reseal.provision("credentials.json")


def refuses_an_algorithm_that_this_build_lacks():
    write("credentials.json", json.dumps(dict(OWN, algorithm=24)))
    assert refusal(reseal.provision, "credentials.json") == reseal.WRONG_ALGORITHM
    for number in (1, 3, 31):
        credentials = dict(OWN, algorithm=number)
        write("credentials.json", json.dumps(credentials))
        reseal.provision("credentials.json")
        with reseal.Device() as device:
            assert opened("a", device.seal("a", b"1")[1], credentials) == [b"1"]


def says_that_nothing_is_kept():
    os.mkdir("empty")
    assert refusal(reseal.Device, "empty") == reseal.BAD_CREDENTIALS
    assert refusal(reseal.Device, "there-is-no-such-folder") == reseal.NOT_STORED
    write("device.credentials", "damaged")
    assert refusal(reseal.Device) == reseal.BAD_CREDENTIALS
    write("device.epoch", "damaged")
    assert refusal(reseal.Device) == reseal.NOT_STORED


def keeps_two_identities_in_two_folders():
    os.mkdir("second")
    write("credentials.json", json.dumps(FRESH))
    reseal.provision("credentials.json", "second")
    with reseal.Device() as first, reseal.Device("second") as second:
        assert opened("a", first.seal("a", b"1")[1]) == [b"1"]
        assert opened("a", second.seal("a", b"1")[1], FRESH) == [b"1"]


def is_used_by_one_thread_at_a_time():
    done, messages, refused = [], [], []

    def use():
        for _ in range(3000):
            try:
                messages.append(device.seal("a", b"1")[1])
            except RuntimeError:
                refused.append(1)
        done.append(1)

    with reseal.Device() as device:
        device.seal("a", b"1")
        _thread.start_new_thread(use, ())
        use()
        while len(done) < 2:
            time.sleep_ms(1)
    assert len(messages) + len(refused) == 6000 and len(set(messages)) == len(messages)


def memory():
    gc.collect()
    with open("/proc/self/statm") as file:
        return gc.mem_alloc(), int(file.read().split()[1]) * 4096


def seal_and_refuse(device, times):
    for _ in range(times):
        device.seal("ward/{id}/pulse", b"72")
        try:
            device.receive(TOPIC, b"no message")
        except reseal.Error:
            pass


def leaves_no_memory_behind():
    with reseal.Device() as device:
        seal_and_refuse(device, 10000)  # the interpreter has used all of its heap by then
        heap, resident = memory()
        seal_and_refuse(device, 10000)
        heap_now, resident_now = memory()
    assert heap_now - heap < 4096, heap_now - heap
    assert resident_now - resident < 10000 * 32, resident_now - resident


def remove(path):
    try:
        entries = list(os.ilistdir(path))
    except OSError:
        return
    for name, kind, *_ in entries:
        if kind == 0x4000:
            remove(path + "/" + name)
            os.rmdir(path + "/" + name)
        else:
            os.remove(path + "/" + name)


PROMISES = (
    seals_what_the_broker_opens,
    opens_each_message_once,
    knows_after_a_restart_what_it_has_opened,
    raises_the_epoch_at_each_start,
    starts_again_when_nothing_refers_to_the_device,
    is_open_once,
    proves_its_key_to_one_kind_of_listener,
    names_what_the_broker_has_accepted,
    takes_a_new_key_over_the_air,
    keeps_its_key_if_the_new_one_is_not_stored,
    seals_nothing_if_the_epoch_is_not_stored,
    shows_nothing_that_it_could_not_store,
    does_nothing_once_closed,
    closes_when_its_block_fails,
    refuses_wrong_arguments,
    does_not_work_while_the_heap_is_locked,
    shows_no_key,
    keeps_only_what_provision_exports,
    refuses_an_algorithm_that_this_build_lacks,
    says_that_nothing_is_kept,
    keeps_two_identities_in_two_folders,
    is_used_by_one_thread_at_a_time,
    leaves_no_memory_behind,
)

failed = 0
for promise in PROMISES:
    remove(".")
    write("credentials.json", json.dumps(OWN))
    reseal.provision("credentials.json")
    try:
        promise()
        print("ok     ", promise.__name__)
    except Exception as error:
        failed += 1
        print("FAILED ", promise.__name__)
        sys.print_exception(error)
    gc.collect()
sys.exit(1 if failed else 0)

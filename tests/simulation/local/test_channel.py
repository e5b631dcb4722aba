"""Messages over a socket, however it cuts them."""

import socket

import pytest
from databricks_mcp_toolkit.simulation.local.channel import Channel, ChannelClosed, Decoder, encode
from hypothesis import given
from hypothesis import strategies as st

messages = st.lists(st.tuples(st.dictionaries(st.text(), st.text()), st.binary()), max_size=5)


@given(messages=messages, cut=st.integers(1, 50))
def test_messages_come_out_whole_wherever_they_are_cut(
    messages: list[tuple[dict[str, str], bytes]], cut: int
) -> None:
    wire = b"".join(encode(message, body) for message, body in messages)
    decoder = Decoder()

    heard = [
        heard
        for start in range(0, len(wire), cut)
        for heard in decoder.feed(wire[start : start + cut])
    ]

    assert heard == messages


def test_a_hang_up_is_heard() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours)
        Channel(theirs).send({"n": 1}, b"behind")
        assert channel.wait(0)
        assert channel.receive() == ({"n": 1}, b"behind")
        theirs.close()
        with pytest.raises(ChannelClosed):
            channel.receive()
        with pytest.raises(ChannelClosed):
            channel.send({"n": 2})

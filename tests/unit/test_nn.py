import pytest
import torch

from emoconv.nn import TextCNN


def network(**settings):
    torch.manual_seed(0)
    vectors = torch.randn(12, 4)
    vectors[0] = 0
    settings = {"kernel_widths": (2, 3), "filters": 5, "labels": 3, **settings}
    return TextCNN(vectors, **settings).eval()


def logits(net, *texts, width=None):
    lengths = torch.tensor([len(text) for text in texts])
    ids = torch.zeros(len(texts), width or max(1, *map(len, texts)), dtype=torch.int64)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
    with torch.inference_mode():
        return net(ids, lengths)


@pytest.mark.parametrize("hidden", [None, 7])
def test_a_batch_gives_a_row_of_logits_for_each_text(hidden):
    out = logits(network(hidden=hidden), [1, 2, 3], [4])
    assert ((2, 3), torch.float32) == (tuple(out.shape), out.dtype)


@pytest.mark.parametrize("hidden", [None, 7])
@pytest.mark.parametrize("width", [4, 9, 40])
def test_padding_does_not_change_the_logits(hidden, width):
    net = network(hidden=hidden)
    torch.testing.assert_close(
        logits(net, [1, 2, 3, 4], [5]), logits(net, [1, 2, 3, 4], [5], width=width)
    )


def test_the_other_texts_of_a_batch_do_not_matter():
    net = network()
    alone = logits(net, [3, 1, 2])
    torch.testing.assert_close(alone, logits(net, [9] * 8, [3, 1, 2], [])[1:2])


def test_a_text_without_words_gets_the_output_bias():
    net = network()
    torch.nn.init.normal_(net.output.bias)
    torch.testing.assert_close(net.output.bias.detach()[None], logits(net, []))


def test_a_text_without_words_gets_what_the_hidden_biases_give():
    net = network(hidden=7)
    torch.nn.init.normal_(net.hidden.bias)
    with torch.inference_mode():
        expected = net.output(torch.relu(net.hidden.bias))[None]
    torch.testing.assert_close(expected, logits(net, []))


def test_a_text_shorter_than_the_filters_is_seen_in_every_place():
    net = network(kernel_widths=(3,), filters=1, labels=1)
    torch.nn.init.ones_(net.output.weight)
    word, (filters,) = net.embedding.weight.detach()[5], net.convolutions["3"].weight.detach()
    places = [float(filters[:, k] @ word) for k in range(3)]
    assert max(places) > 0
    assert pytest.approx(max(places), abs=1e-6) == float(logits(net, [5]))


def loss_of_a_batch(net):
    ids = torch.tensor([[3, 7, 3], [7, 0, 0]])
    net(ids, torch.tensor([3, 1])).square().sum().backward()


def test_the_gradient_of_the_vectors_is_sparse_and_only_of_the_words_of_the_batch():
    net = network()
    loss_of_a_batch(net)
    gradient = net.embedding.weight.grad
    assert gradient.is_sparse
    assert {3, 7} == set(gradient.coalesce().indices().flatten().tolist())


def test_a_step_moves_only_the_vectors_of_the_batch():
    net = network()
    before = net.embedding.weight.detach().clone()
    loss_of_a_batch(net)
    torch.optim.SparseAdam([net.embedding.weight], lr=0.1).step()
    moved = (net.embedding.weight != before).any(dim=1)
    assert [3, 7] == moved.nonzero().flatten().tolist()


def test_words_are_dropped_in_training_only():
    net = network(word_dropout=0.5)
    text = [2, 3, 4, 5, 6, 7, 8, 9]
    torch.testing.assert_close(logits(net, text), logits(net, text), rtol=0, atol=0)
    net.train()
    assert not torch.equal(logits(net, text), logits(net, text))


def test_a_dropped_word_is_an_unknown_word_and_padding_is_not_dropped():
    net = network(word_dropout=1.0).train()
    padded = logits(net, [2, 3], width=6)
    net.eval()
    torch.testing.assert_close(logits(net, [1, 1]), padded)


@pytest.mark.parametrize("dropout", ["embedding_dropout", "feature_dropout", "hidden_dropout"])
def test_a_dropout_is_off_outside_training(dropout):
    net = network(hidden=7, **{dropout: 0.9})
    text = [2, 3, 4]
    quiet = logits(net, text)
    torch.testing.assert_close(logits(network(hidden=7), text), quiet)
    net.train()
    assert any(not torch.equal(quiet, logits(net, text)) for _ in range(5))


def test_the_given_vectors_are_copied():
    vectors = torch.zeros(3, 2)
    net = TextCNN(vectors, kernel_widths=(1,), filters=1, labels=1)
    with torch.no_grad():
        net.embedding.weight[1] = 5
    assert 0 == vectors.abs().sum()

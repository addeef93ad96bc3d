"""The mathematics, in float64 NumPy: one equation, one home, one number, cited everywhere else.

Notation: v_c input vector of the centre word, u_w output vector of word w, V words, D dimensions, K
negatives.

| Eq. | what | where |
|---|---|---|
| 1 | softmax and its shift invariance, softmax(x + c) = softmax(x) | softmax.softmax |
| 2 | cross-entropy with a one-hot y is -log yhat_o | softmax.cross_entropy |
| 3 | naive-softmax loss J(v_c, o, U) = -log softmax(U v_c)_o | softmax.naive_softmax_loss |
| 4, 5 | dJ/dv_c = U^T (yhat - y); dJ/dU = (yhat - y) v_c^T | softmax.naive_softmax_gradients |
| 6 | sigma(x) = 1 / (1 + e^-x); 1 - sigma(-x) = sigma(x) | negative_sampling.sigmoid |
| 7 | sigma'(x) = sigma(x) (1 - sigma(x)) | negative_sampling.sigmoid_derivative |
| 8 | negative-sampling loss J = -log sigma(u_o . v_c) - sum_k log sigma(-u_k . v_c) | negative_sampling.negative_sampling_loss |
| 9 | dJ/dv_c = (sigma(u_o . v_c) - 1) u_o + sum_k sigma(u_k . v_c) u_k | negative_sampling.negative_sampling_gradients |
| 10, 11 | dJ/du_o = (sigma(u_o . v_c) - 1) v_c; dJ/du_k = sigma(u_k . v_c) v_c, for every time k was drawn | the same |
| 12 | skip-gram over a window: loss and gradients are sums over its outside words | windows.skipgram |
| 13 | the likelihood's optimum for a free table: p(o\\|c) = #(o, c) / sum_o' #(o', c) | counts.maximum_likelihood |
| 14 | p(paraphrase) = sigma(x1 . x2), and why ReLU before it never falls below 1/2 | paraphrase.paraphrase_probability |
| 15 | CBOW: the input is the mean of the window; its gradient reaches each word of it divided by their number | windows.cbow |
| 16 | hierarchical softmax: p(w\\|v) is a product of sigmas along a path in a tree | hierarchical_softmax.path_probability |
| 17 | noise distribution count^0.75 / sum | counts.noise_distribution |
| 18 | keep probability sqrt(t / f) + t / f, at most 1 | counts.keep_probability |
| 19 | linear decay of the learning rate over the whole run | schedule.learning_rate |
| 20 | subwords: a word is the mean of its row and its n-grams' rows, and moves them all | subwords.word_vector |
| 21 | SIF: a text is 1/n sum_w a / (a + p(w)) v_w over its n words, without the first components of all texts | texts.sif_weight |
| 22 | IDF: the weight of a word of a text is ln((1 + n) / (1 + df(w))) + 1 | texts.idf_weight |
| 23 | documents: the document's row predicts each of its words | documents.dbow |
| 24 | documents: the mean of the document's row and the window predicts the centre | documents.dm |
"""

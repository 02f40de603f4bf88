// A page that uses every model, task and layer there is.
import * as clip from "@x/clip";
import * as layers from "@x/layers";
import * as model from "@x/layers/model";
import * as save from "@x/layers/save";
import * as nlp from "@x/models-nlp";
import * as vision from "@x/models-vision";
import * as search from "@x/search";
import * as train from "@x/train";

Object.assign(globalThis, { clip, layers, model, nlp, save, search, train, vision });

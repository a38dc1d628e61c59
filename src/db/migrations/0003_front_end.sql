-- Whether a preview answered with a page: front ends come first in lists.

alter table previews add column serves_html boolean;
